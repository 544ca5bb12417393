// A family: each member is one subcommand, and its table is what parser, help, completions and reference are made from.

/// How the process ends; documented in every `--help`.
enum ExitCode: Int32, Sendable {
  /// Nothing to do, or done.
  case success = 0
  /// `advise` recommends something.
  case recommendations = 1
  /// Could not examine: no connection, no extension, nothing to look at.
  case failure = 2
  /// Wrong options; BSD's EX_USAGE.
  case usage = 64
  case interrupted = 130
}

/// One subcommand.
protocol Command: Sendable {
  var name: String { get }
  /// One line.
  var summary: String { get }
  /// `[URL]`.
  var arguments: String { get }
  /// A few sentences for `--help`.
  var details: String { get }
  var options: [Option] { get }
  /// Exit codes with their meaning, in order.
  var exitCodes: [(code: ExitCode, meaning: String)] { get }
  var examples: [(line: String, meaning: String)] { get }
  func run(_ arguments: ParsedArguments, in context: Context) async throws(UsageError) -> ExitCode
}

extension Command {
  /// The table that the parser is given: the command's own options and `--help`.
  var allOptions: [Option] { options + [Option("help", short: "h", "Show this help.")] }
}
