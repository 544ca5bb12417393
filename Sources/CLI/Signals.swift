// Ctrl-C once means "enough", twice means "now".

import IndexTuner
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Raises `stop` at the first SIGINT, SIGTERM or SIGHUP, and ends the process at the second.
///
/// The signals are blocked in every thread, and one thread of ours waits for them: no code runs in a signal handler.
func watchSignals(_ stop: StopSignal) {
  let watched = stopSignals
  startThread {
    while true {
      var number: Int32 = 0
      var waited = watched
      guard sigwait(&waited, &number) == 0 else { continue }
      if stop.isRaised { exit(ExitCode.interrupted.rawValue) }
      stop.raise()
      if StandardStreams.isTerminal(2) {
        StandardStreams.writeError("\nStopping: the best found so far follows. Once more to quit at once.\n")
      }
    }
  }
}

/// Must come before the process has a second thread.
func blockSignals() {
  signal(SIGPIPE, SIG_IGN)
  var signals = stopSignals
  pthread_sigmask(SIG_BLOCK, &signals, nil)
}

private var stopSignals: sigset_t {
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
  return signals
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
  #if canImport(Glibc)
    var thread = pthread_t()
  #else
    var thread: pthread_t?
  #endif
  let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
  let status = pthread_create(
    &thread, nil,
    { context in
      #if canImport(Glibc)
        guard let context else { return nil }
      #endif
      Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
      return nil
    }, context)
  if status != 0 { Unmanaged<ThreadBody>.fromOpaque(context).release() }
}
