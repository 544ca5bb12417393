// Cleans up behind the test process, however it ends.

import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A child that waits for the end of a pipe whose other end only this process holds: an ordinary end, Ctrl-C and a kill
/// all close it. In a process group of its own, no Ctrl-C for us reaches it.
enum Watchdog {
  private struct Running {
    var process: pid_t
    var pipe: Int32
  }

  private static let running = Mutex<[Running]>([])

  /// Stops the cluster and removes its directory at the end of this process.
  /// - Parameter control: the words that run `pg_ctl` as the server's user.
  static func clean(up directory: String, stopping control: [String]) throws {
    let script = """
      trap '' INT TERM HUP
      cat
      d=$1
      shift
      "$@" -D "$d/data" -m immediate -w stop
      rm -rf "$d"
      """
    try start(["sh", "-c", script, "watchdog", directory] + control)
  }

  /// Runs a program until the end of this process.
  static func run(_ arguments: [String], removing directory: String) throws {
    let script = """
      trap '' INT TERM HUP
      d=$1
      shift
      "$@" </dev/null &
      p=$!
      cat
      kill -9 $p
      wait $p
      rm -rf "$d"
      """
    try start(["sh", "-c", script, "watchdog", directory] + arguments)
  }

  private static func start(_ arguments: [String]) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw CommandFailure(description: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(nothing) }
    let process = try spawn(arguments, standard: [ends[0], nothing, nothing], inOwnGroup: true)
    let isFirst = running.withLock { running in
      running.append(Running(process: process, pipe: ends[1]))
      return running.count == 1
    }
    // An ordinary end waits until all is gone.
    if isFirst { atexit { Watchdog.finish() } }
  }

  private static func finish() {
    let all = running.withLock { running in
      defer { running = [] }
      return running
    }
    for one in all { close(one.pipe) }
    for one in all { _ = waitForExit(of: one.process) }
  }
}
