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
  /// SIGHUP, for a command that takes it.
  let hangUp: HangUp
  let screen = AlternateScreen()

  /// Of this machine, as many as are switched on.
  var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// A variable of the environment; one that is empty is not set.
  func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// Colours for standard output.
  func style(_ arguments: ParsedArguments) -> Style {
    arguments.has("no-color") ? .plain : StandardStreams.style(for: 1, environment: environment)
  }

  /// Prints the command's answer.
  func deliver(_ text: String, _ exitCode: ExitCode = .success) -> ExitCode { Output().deliver(text, exitCode) }

  /// A progress line on standard error; silent unless that is a terminal.
  var progress: Progress {
    Progress(isShown: StandardStreams.isTerminal(2) && environment["TERM"] != "dumb")
  }

  /// The argument, else `DATABASE_URL`, else libpq's own variables and service files.
  func target(_ url: String?) -> ConnectionTarget {
    ConnectionTarget(url: url ?? variable("DATABASE_URL"))
  }

  /// Everything on standard input, up to a bound. Looks up now and then: Ctrl-C also ends the wait for somebody who types.
  func standardInput(limit: Int = 256 * 1_024 * 1_024) throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      if stop.isRaised { throw Refusal(message: "", exitCode: .interrupted) }
      var waited = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      guard poll(&waited, 1, 100) > 0 else { continue }
      let count = read(0, &chunk, chunk.count)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count >= 0 else {
        throw Refusal(message: "cannot read standard input: \(String(cString: strerror(errno)))", exitCode: .failure)
      }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw Refusal(message: "standard input is larger than \(formatBytes(Int64(limit)))", exitCode: .failure)
      }
    }
  }

  /// One line of cause and cure on standard error.
  func report(_ error: some Error & CustomStringConvertible, _ code: ExitCode = .failure) -> ExitCode {
    StandardStreams.writeError("pgadvisor: \(escaped(error.description))\n")
    return code
  }

  /// Somebody can be asked, and reads the question.
  var isInteractive: Bool { StandardStreams.isTerminal(0) && StandardStreams.isTerminal(2) }

  /// Whose process this is, by the operating system.
  var account: String? {
    guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return nil }
    return String(cString: name)
  }

  /// What somebody types, without the line's end. Ctrl-C ends the wait.
  func typedLine() throws(Refusal) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 1_024 {
      if stop.isRaised { throw Refusal(message: "", exitCode: .interrupted) }
      var waited = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      guard poll(&waited, 1, 100) > 0 else { continue }
      guard read(0, &byte, 1) == 1, byte != 0x0a else { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
  }
}

/// Whether an argument names a server: a URL, or libpq's `key=value` form. No SQL statement begins with a word and `=`,
/// but many have one further on: `SELECT … WHERE user='x'`.
func namesServer(_ text: String) -> Bool {
  if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") { return true }
  let word = text.drop { $0.isWhitespace }.prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
  return !word.isEmpty && text[word.endIndex...].first { !$0.isWhitespace } == "="
}
