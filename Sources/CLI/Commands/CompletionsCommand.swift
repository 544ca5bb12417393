// `pgadvisor completions`: shell completions, from the same tables as the parser.

struct CompletionsCommand: Command {
  let name = "completions"
  let summary = "Print shell completions."
  let argumentWords = ["bash", "zsh", "fish"]
  var arguments: String { argumentWords.joined(separator: "|") }
  let details = "Prints a completion script for the shell, made from the same tables that the parser reads."
  let options: [Option] = []
  let exitCodes: [(code: ExitCode, meaning: String)] = [(.success, "Done."), (.usage, "Wrong options.")]
  let examples: [(line: String, meaning: String)] = [
    ("source <(pgadvisor completions bash)", "Completions for this bash session."),
    ("source <(pgadvisor completions zsh)", "The same for zsh."),
    ("pgadvisor completions fish | source", "The same for fish."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    switch arguments.positionals {
    case ["bash"]: return context.deliver(Self.bash(allCommands))
    case ["zsh"]: return context.deliver(Self.zsh(allCommands))
    case ["fish"]: return context.deliver(Self.fish(allCommands))
    default: throw Refusal(message: "completions takes one of \(argumentWords.joined(separator: ", "))")
    }
  }

  /// Works with bash 3.2. Bash takes `--format=json` for three words, hence the look two words back. What has no words of
  /// its own is completed as file names.
  static func bash(_ commands: [any Command]) -> String {
    var cases = ""
    for command in commands {
      for option in command.allOptions where option.value != .flag {
        cases += "      \"\(command.name) --\(option.name)\") words=\"\(words(of: option.value))\" ;;\n"
      }
      let words = command.allOptions.map { "--\($0.name)" } + command.argumentWords
      cases += "      \"\(command.name) \"*) words=\"\(words.joined(separator: " "))\" ;;\n"
    }
    return """
      _pgadvisor() {
        local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words=""
        if [ "$current" = "=" ]; then
          current=""
        elif [ "$previous" = "=" ]; then
          previous="${COMP_WORDS[COMP_CWORD-2]}"
        fi
        if [ "$COMP_CWORD" -eq 1 ]; then
          words="\((commands.map(\.name) + ["--help", "--version"]).joined(separator: " "))"
        else
          case "${COMP_WORDS[1]} $previous" in
      \(cases)    esac
        fi
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      }
      complete -o default -F _pgadvisor pgadvisor

      """
  }

  /// zsh's own description of arguments. https://zsh.sourceforge.io/Doc/Release/Completion-System.html
  static func zsh(_ commands: [any Command]) -> String {
    var cases = ""
    for command in commands {
      let options = command.allOptions.map { option in
        let about = "\(option.isRepeatable ? "*" : "")--\(option.name)\(option.value == .flag ? "" : "=")"
        return "      " + quotedForPOSIX("\(about)[\(bracketed(option.help))]\(zshValue(option.value))")
      }
      let rest = command.argumentWords.isEmpty ? "*:argument:_files" : "*:argument:(\(words(command.argumentWords)))"
      cases += "    \(command.name)) _arguments \\\n"
      cases += (options + ["      '\(rest)'"]).joined(separator: " \\\n") + " ;;\n"
    }
    let names = commands.map { "      " + quotedForPOSIX("\($0.name):\($0.summary)") }.joined(separator: "\n")
    return """
      #compdef pgadvisor
      _pgadvisor() {
        local -a commands=(
      \(names)
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        local command=$words[2]
        shift words
        (( CURRENT-- ))
        case $command in
      \(cases)  esac
      }
      (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
      compdef _pgadvisor pgadvisor

      """
  }

  static func fish(_ commands: [any Command]) -> String {
    var script = "complete -c pgadvisor -n __fish_use_subcommand -f\n"
    for command in commands {
      let name = command.name
      script +=
        "complete -c pgadvisor -n __fish_use_subcommand -a \(name) -d \(quotedForFish(command.summary))\n"
      if !command.argumentWords.isEmpty {
        let words = words(command.argumentWords)
        script += "complete -c pgadvisor -n '__fish_seen_subcommand_from \(name)' -f -a '\(words)'\n"
      }
      for option in command.allOptions {
        script += "complete -c pgadvisor -n '__fish_seen_subcommand_from \(name)' -l \(option.name)"
        if let short = option.short { script += " -s \(short)" }
        switch option.value {
        case .flag: break
        case .choice(let choices): script += " -x -a '\(words(choices))'"
        case let value: script += value.isPath ? " -r" : " -x"
        }
        script += " -d \(quotedForFish(option.help))\n"
      }
    }
    return script
  }

  private static func words(_ words: [String]) -> String { words.joined(separator: " ") }

  private static func words(of value: OptionValue) -> String {
    if case .choice(let choices) = value { words(choices) } else { "" }
  }

  private static func zshValue(_ value: OptionValue) -> String {
    switch value {
    case .flag: ""
    case .choice(let choices): ":value:(\(words(choices)))"
    case let value: value.isPath ? ":file:_files" : ":\(bracketed(value.placeholder ?? "value")): "
    }
  }

  /// What would end a description in zsh.
  private static func bracketed(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "[]:\\".contains(character) { result += "\\" }
      result.append(character)
    }
  }

  private static func quotedForPOSIX(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static func quotedForFish(_ text: String) -> String {
    let escaped = text.reduce(into: "") { $0 += $1 == "'" || $1 == "\\" ? "\\\($1)" : "\($1)" }
    return "'\(escaped)'"
  }
}
