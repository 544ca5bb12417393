// Ctrl-C once means "enough", twice means "now".

import IndexTuner
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Takes SIGINT, SIGTERM and SIGHUP out of every thread's way: threads inherit it from the one that starts them, so this
/// must come before the process has a second one.
func blockSignals() {
  signal(SIGPIPE, SIG_IGN)
  var signals = stopSignals
  pthread_sigmask(SIG_BLOCK, &signals, nil)
}

/// Waits for signals for as long as the process runs, on the thread that has nothing else to do: no code runs in a
/// signal handler. The first raises `stop`, the second ends the process.
func waitForSignals(_ stop: StopSignal) -> Never {
  while true {
    var number: Int32 = 0
    var waited = stopSignals
    guard sigwait(&waited, &number) == 0 else { continue }
    if stop.isRaised { exit(ExitCode.interrupted.rawValue) }
    stop.raise()
    if StandardStreams.isTerminal(2) {
      StandardStreams.writeError("\nStopping: the best found so far follows. Once more to quit at once.\n")
    }
  }
}

private var stopSignals: sigset_t {
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
  return signals
}
