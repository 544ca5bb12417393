// Help for people, from the commands' tables.

import Terminal

/// Help texts and the reference page; pure.
enum Help {
  /// `pgadvisor --help`.
  static func overview(_ commands: [any Command]) -> String {
    var text = """
      pgadvisor \(productVersion): index advice for PostgreSQL that a DBA would act on

      Usage: pgadvisor COMMAND [OPTION]… [ARGUMENT]…

      Commands:

      """
    let width = commands.map(\.name.count).max() ?? 0
    for command in commands { text += "  \(command.name.padding(to: width))  \(command.summary)\n" }
    return text + """

      Help for one command: pgadvisor COMMAND --help
      The server is the URL argument, else $DATABASE_URL, else libpq's PG* variables and service files.

      """
  }

  /// `pgadvisor COMMAND --help`.
  static func page(of command: any Command) -> String {
    var text = "\(command.summary)\n\nUsage: pgadvisor \(command.name) [OPTION]…"
    text += (command.arguments.isEmpty ? "" : " \(command.arguments)") + "\n\n"
    text += wrapped(command.details, indent: 0) + "\n\nOptions:\n"
    let names = command.allOptions.map { spelled($0) }
    let width = min(names.map(\.count).max() ?? 0, 34)
    for (name, option) in zip(names, command.allOptions) {
      let help = wrapped(option.help + (option.isRepeatable ? " Repeatable." : ""), indent: width + 4)
      text +=
        name.count > width ? "  \(name)\n" + String(repeating: " ", count: width + 4) : "  \(name.padding(to: width))  "
      text += help + "\n"
    }
    text += "\nExit codes:\n"
    for (code, meaning) in command.exitCodes { text += "  \(String(code.rawValue).padding(to: 4))\(meaning)\n" }
    text += "\nExamples:\n"
    for (line, meaning) in command.examples { text += "  \(line)\n      \(meaning)\n" }
    return text
  }

  /// The commands' part of docs/reference.md.
  static func reference(_ commands: [any Command]) -> String {
    var text = "## Commands\n"
    for command in commands {
      text += "\n### `pgadvisor \(command.name)`\n\n\(command.summary)\n\n"
      text +=
        "```text\npgadvisor \(command.name) [OPTION]…\(command.arguments.isEmpty ? "" : " \(command.arguments)")\n```\n\n"
      text += "\(command.details)\n\n| option | meaning |\n|---|---|\n"
      for option in command.allOptions {
        let help = escapedForTable(option.help + (option.isRepeatable ? " Repeatable." : ""))
        text += "| `\(escapedForTable(spelled(option)))` | \(help) |\n"
      }
      text += "\n| exit code | meaning |\n|--:|---|\n"
      for (code, meaning) in command.exitCodes { text += "| \(code.rawValue) | \(meaning) |\n" }
      text += "\n"
      for (line, meaning) in command.examples { text += "- `\(line)`: \(meaning)\n" }
    }
    return text
  }

  private static func spelled(_ option: Option) -> String {
    let short = option.short.map { "-\($0), " } ?? ""
    return "\(short)--\(option.name)\(option.value.placeholder.map { " \($0)" } ?? "")"
  }

  private static func escapedForTable(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  /// Words folded at 100 columns; later lines are indented.
  private static func wrapped(_ text: String, indent: Int) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && indent + line.count + 1 + word.count > 100 {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
