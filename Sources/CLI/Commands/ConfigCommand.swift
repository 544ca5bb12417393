// `pgadvisor config`: check a configuration file, print an example, print its reference page.

import JSON
import Terminal

struct ConfigCommand: Command {
  let name = "config"
  let summary = "Check the configuration file of serve, or print an example of one."
  let arguments = "check [FILE] | example | reference"
  let argumentWords = ["check", "example", "reference"]
  let details = """
    check reads FILE, or the one that PGADVISOR_CONFIG names, as serve would, with the secrets it names: it runs \
    password_command too. It connects to nothing. It reports everything that is wrong by line and column, and shows \
    what each agent may do on which connection. example prints a complete file with comments, reference the page \
    docs/configuration.md.
    """
  let options: [Option] = [
    Option("no-secrets", "Leave files, variables and programs that hold secrets alone."),
    Option("json", "The outcome of check as JSON."), Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "No errors; there may be warnings."), (.findings, "The file has errors."),
    (.failure, "The file cannot be read."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor config example > pgadvisor.yaml", "A file to begin with."),
    ("pgadvisor config check pgadvisor.yaml", "What is wrong, and who may do what."),
    ("pgadvisor config check --json pgadvisor.yaml | jq '.agents[].connections'", "The same for a program."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    let words = arguments.positionals
    switch words.first {
    case "example" where words.count == 1: return context.deliver(ConfigurationExample.text)
    case "reference" where words.count == 1: return context.deliver(ConfigurationPage.text)
    case "check" where words.count <= 2: return try await check(words.dropFirst().first, arguments, context)
    case "check": throw Refusal(message: "config check takes one file")
    case "example", "reference": throw Refusal(message: "config \(words[0]) takes no argument")
    case let word:
      let near = word.flatMap { nearest(to: $0, among: argumentWords) }.map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "config takes one of \(argumentWords.joined(separator: ", "))\(near)")
    }
  }

  private func check(
    _ file: String?, _ arguments: ParsedArguments, _ context: Context
  ) async throws(Refusal) -> ExitCode {
    guard let path = file ?? context.variable("PGADVISOR_CONFIG") else {
      throw Refusal(message: "config check takes a file, or PGADVISOR_CONFIG names one")
    }
    guard !namesServer(path) else { throw Refusal(message: "config check takes a file, not a connection string") }
    var source = ConfigurationFile(path: path, environment: context.environment)
    source.readsSecrets = !arguments.has("no-secrets")
    let check = ConfigurationCheck(loaded: try await source.load())
    let code: ExitCode = check.loaded.configuration == nil ? .findings : .success
    let text =
      arguments.has("json") ? check.json.text(pretty: true) + "\n" : check.text(style: context.style(arguments))
    return context.deliver(text, code)
  }
}
