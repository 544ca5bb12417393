// What a command finds around it: environment, streams, and the signal to stop.

import Database
import IndexTuner
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The surroundings of one command.
struct Context: Sendable {
  let environment: [String: String]
  /// Raised by the first Ctrl-C.
  let stop: StopSignal

  /// Colours for standard output.
  func style(_ arguments: ParsedArguments) -> Style {
    arguments.has("no-color") ? .plain : StandardStreams.style(for: 1, environment: environment)
  }

  /// A progress line on standard error; silent unless that is a terminal.
  var progress: Progress {
    Progress(isShown: StandardStreams.isTerminal(2) && environment["TERM"] != "dumb")
  }

  /// The argument, else `DATABASE_URL`, else libpq's own variables and service files.
  func target(_ url: String?) -> ConnectionTarget {
    ConnectionTarget(url: url ?? environment["DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 })
  }

  /// Everything on standard input, up to a bound.
  func standardInput(limit: Int = 256 * 1_024 * 1_024) throws(UsageError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(0, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw UsageError(message: "standard input is larger than \(limit) bytes") }
    }
  }

  /// One line of cause and cure on standard error.
  func report(_ error: some Error & CustomStringConvertible) -> ExitCode {
    StandardStreams.writeError("pgadvisor: \(escaped(error.description))\n")
    return .failure
  }
}

/// Whether a positional argument names a server: a URL, or libpq's `key=value` form.
func namesServer(_ text: String) -> Bool {
  if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") { return true }
  let keys = ["host", "hostaddr", "port", "dbname", "user", "service", "sslmode", "password"]
  return keys.contains { text.hasPrefix("\($0)=") || text.contains(" \($0)=") }
}
