// Ctrl-C once means "enough", twice means "now".

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
/// signal handler. The second signal ends the process.
/// - Parameter first: what the first one does.
func waitForSignals(_ first: () -> Void) -> Never {
  waitForSignal()
  first()
  waitForSignal()
  exit(ExitCode.interrupted.rawValue)
}

private func waitForSignal() {
  var waited = stopSignals
  var number: Int32 = 0
  while sigwait(&waited, &number) != 0 {}
}

private var stopSignals: sigset_t {
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
  return signals
}
