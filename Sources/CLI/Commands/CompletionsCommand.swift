// `pgadvisor completions`: shell completions, from the same tables as the parser.

import Terminal

struct CompletionsCommand: Command {
  let name = "completions"
  let summary = "Print shell completions."
  let arguments = "bash|zsh|fish"
  let details = "Prints a completion script for the shell, made from the same tables that the parser reads."
  let options: [Option] = []
  let exitCodes: [(code: ExitCode, meaning: String)] = [(.success, "Done."), (.usage, "Wrong options.")]
  let examples: [(line: String, meaning: String)] = [
    ("source <(pgadvisor completions bash)", "Completions for this bash session.")
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(UsageError) -> ExitCode {
    let script: String
    switch arguments.positionals {
    case ["bash"]: script = Self.bash(allCommands)
    case ["zsh"]: script = "autoload -U +X bashcompinit && bashcompinit\n" + Self.bash(allCommands)
    case ["fish"]: script = Self.fish(allCommands)
    default: throw UsageError(message: "completions takes one of bash, zsh, fish")
    }
    StandardStreams.writeOut(script)
    return .success
  }

  static func bash(_ commands: [any Command]) -> String {
    var cases = ""
    for command in commands {
      let words = command.allOptions.map { "--\($0.name)" }.joined(separator: " ")
      cases += "    \(command.name)) words=\"\(words)\" ;;\n"
    }
    return """
      _pgadvisor() {
        local words current=${COMP_WORDS[COMP_CWORD]}
        case ${COMP_WORDS[1]} in
      \(cases)    *) words="\(commands.map(\.name).joined(separator: " ")) --help --version" ;;
        esac
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
      }
      complete -F _pgadvisor pgadvisor

      """
  }

  static func fish(_ commands: [any Command]) -> String {
    var script = ""
    for command in commands {
      script += "complete -c pgadvisor -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))\n"
      for option in command.allOptions {
        script += "complete -c pgadvisor -n '__fish_seen_subcommand_from \(command.name)' -l \(option.name)"
        if option.value != .flag { script += " -r" }
        script += " -d \(quoted(option.help))\n"
      }
    }
    return script
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'") + "'"
  }
}
