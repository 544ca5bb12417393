// A family: each member is one subcommand, and its table is what parser, help, completions and reference are made from.

/// How the process ends; documented in every `--help`.
enum ExitCode: Int32, Sendable {
  /// Nothing to do, or done.
  case success = 0
  /// `advise` recommends something.
  case recommendations = 1
  /// Could not examine: no connection, no extension, nothing to look at.
  case failure = 2
  /// `health` found what cannot wait.
  case critical = 3
  /// Wrong options; BSD's EX_USAGE.
  case usage = 64
  case interrupted = 130
}

/// Why a command does not even begin: one line, and the exit code.
struct Refusal: Error, Equatable {
  var message: String
  var exitCode = ExitCode.usage
}

/// What the first Ctrl-C does; the second always ends the process.
enum Interruption: Sendable {
  /// The command's task is cancelled, and with it what the server does for it.
  case cancels
  /// The command stops searching and prints what it has.
  case endsEarly
}

/// One subcommand.
protocol Command: Sendable {
  var name: String { get }
  /// One line.
  var summary: String { get }
  /// `[URL]`.
  var arguments: String { get }
  /// What the argument may be, where that is one of a few words.
  var argumentWords: [String] { get }
  /// A few sentences for `--help`.
  var details: String { get }
  var options: [Option] { get }
  /// Exit codes with their meaning, in order.
  var exitCodes: [(code: ExitCode, meaning: String)] { get }
  var examples: [(line: String, meaning: String)] { get }
  var interruption: Interruption { get }
  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode
}

extension Command {
  var argumentWords: [String] { [] }
  var interruption: Interruption { .cancels }

  /// The table that the parser is given: the command's own options and `--help`.
  var allOptions: [Option] { options + [Option("help", short: "h", "Show this help.")] }
}
