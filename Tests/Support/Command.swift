// Runs other programs from tests.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What a program did.
package struct CommandOutput: Sendable {
  /// The exit code; a signal's number and 128 where one ended it.
  package let status: Int32
  /// Standard output and standard error, as they came.
  package let text: String
}

/// A program could not be run, or failed where it must not.
package struct CommandFailure: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

/// Runs a program to its end.
/// - Parameter input: what it reads from standard input; nothing by default.
package func runCommand(
  _ arguments: [String], input: String = "", environment: [String: String] = [:]
) throws -> CommandOutput {
  let inputFile = try UnlinkedFile(holding: input)
  let outputFile = try UnlinkedFile()
  let process = try spawn(
    arguments, environment: environment, standard: [inputFile.descriptor, outputFile.descriptor, outputFile.descriptor])
  return CommandOutput(status: waitForExit(of: process), text: outputFile.text())
}

/// Runs a program that must succeed, and returns what it wrote.
@discardableResult
package func requireCommand(
  _ arguments: [String], input: String = "", environment: [String: String] = [:]
) throws -> String {
  let output = try runCommand(arguments, input: input, environment: environment)
  guard output.status == 0 else {
    throw CommandFailure(description: "\(arguments.joined(separator: " ")) ended with \(output.status): \(output.text)")
  }
  return output.text
}

/// The first file of this name in `PATH`.
package func executable(named name: String) -> String? {
  let path = variable("PATH") ?? "/usr/bin:/bin"
  let places = path.split(separator: ":").map { "\($0)/\(name)" } + ["/usr/sbin/\(name)", "/sbin/\(name)"]
  return places.first { access($0, X_OK) == 0 }
}

/// An environment variable; empty ones are none.
package func variable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// Starts a program in a process group of its own where asked for, so that no signal of the terminal reaches it.
func spawn(
  _ arguments: [String], environment: [String: String] = [:], standard: [Int32], inOwnGroup: Bool = false
) throws -> pid_t {
  #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
  #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
  #endif
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  for (number, descriptor) in standard.enumerated() {
    posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
  }
  // The test process may block or ignore signals; its children must not inherit that.
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  var flags = Int16(POSIX_SPAWN_SETSIGMASK)
  if inOwnGroup { flags |= Int16(POSIX_SPAWN_SETPGROUP) }
  posix_spawnattr_setflags(&attributes, flags)
  var process = pid_t()
  var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  var settings: [UnsafeMutablePointer<CChar>?] = inherited(adding: environment).map { strdup($0) } + [nil]
  defer { for word in words + settings { free(word) } }
  let failure = posix_spawnp(&process, arguments[0], &actions, &attributes, &words, &settings)
  guard failure == 0 else {
    throw CommandFailure(description: "\(arguments[0]): \(String(cString: strerror(failure)))")
  }
  return process
}

func waitForExit(of process: pid_t) -> Int32 {
  var status: Int32 = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  let signal = status & 0x7f
  return signal == 0 ? (status >> 8) & 0xff : 128 + signal
}

/// Our environment without the variables that would lead libpq elsewhere.
private func inherited(adding added: [String: String]) -> [String] {
  let names = ["PATH", "HOME", "LANG", "TMPDIR", "USER", "LD_LIBRARY_PATH"].filter { added[$0] == nil }
  return names.compactMap { name in variable(name).map { "\(name)=\($0)" } } + added.map { "\($0.key)=\($0.value)" }
}

/// A file that is gone with its descriptor.
private final class UnlinkedFile {
  let descriptor: Int32

  init(holding text: String = "") throws {
    var path = Array("\(variable("TMPDIR") ?? "/tmp")/pgadvisor-test-XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw CommandFailure(description: "no temporary file") }
    unlink(path)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else { throw CommandFailure(description: "temporary file cannot be written") }
      rest = rest.dropFirst(written)
    }
    lseek(descriptor, 0, SEEK_SET)
  }

  deinit { close(descriptor) }

  func text() -> String {
    lseek(descriptor, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
