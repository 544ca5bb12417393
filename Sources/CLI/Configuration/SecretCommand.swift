// A program that says a secret: run without a shell, with little time, and with nothing of it shown.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a program for the first line of its output.
struct SecretCommand: Sendable {
  struct Failure: Error {
    var reason: String
  }

  /// The program, looked for in PATH, and its arguments.
  let words: [String]
  let environment: [String: String]
  var patience = Duration.seconds(10)
  private static let limit = 65_536

  /// The first line. What it writes to standard error goes nowhere: it might be the secret.
  func output() async throws(Failure) -> String {
    var pipes: [Int32] = [-1, -1]
    guard pipe(&pipes) == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    let (reading, writing) = (pipes[0], pipes[1])
    defer { close(reading) }
    for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    let started = Result { () throws(Failure) in try start(writing) }
    close(writing)
    let process = try started.get()
    let deadline = ContinuousClock.now + patience
    let bytes = await read(reading, until: deadline)
    guard let bytes, let status = await exit(of: process, until: deadline) else {
      // The whole group: a shell's children too.
      kill(-process, SIGKILL)
      _ = await exit(of: process, until: .now + .seconds(1))
      throw Failure(reason: bytes == nil ? "it says too much, or takes longer than \(patience)" : "it does not end")
    }
    guard status == 0 else { throw Failure(reason: "it has ended with \(status)") }
    let line = bytes.prefix { $0 != 0x0a && $0 != 0x0d }
    guard !line.isEmpty, let text = String(validating: line, as: UTF8.self), !line.contains(0) else {
      throw Failure(reason: "it has said nothing that is a secret")
    }
    return text
  }

  private func start(_ output: Int32) throws(Failure) -> pid_t {
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
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // This process blocks some signals and ignores others; that is not the program's business.
    var (blocked, usual) = (sigset_t(), sigset_t())
    sigemptyset(&blocked)
    sigemptyset(&usual)
    sigaddset(&usual, SIGPIPE)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETPGROUP))
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in arguments + variables { free(word) } }
    var process = pid_t()
    let failure = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, &variables)
    guard failure == 0 else { throw Failure(reason: String(cString: strerror(failure))) }
    return process
  }

  /// Everything up to the end; nil when there is too much of it, or it takes too long.
  private func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) async -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while .now < deadline, bytes.count <= Self.limit, !Task.isCancelled {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
      #else
        let count = Darwin.read(descriptor, &chunk, chunk.count)
      #endif
      if count == 0 { return bytes }
      if count > 0 {
        bytes += chunk[..<count]
      } else if errno != EINTR {
        try? await Task.sleep(for: .milliseconds(5))
      }
    }
    return nil
  }

  /// The exit status, or a signal's number and 128.
  private func exit(of process: pid_t, until deadline: ContinuousClock.Instant) async -> Int32? {
    while true {
      var status: Int32 = 0
      let waited = waitpid(process, &status, WNOHANG)
      if waited == process { return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f) }
      if waited < 0 && errno != EINTR { return nil }
      guard .now < deadline, !Task.isCancelled else { return nil }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }
}
