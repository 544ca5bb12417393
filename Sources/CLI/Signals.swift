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
/// - Parameters:
///   - hangUp: told of SIGHUP, which is not one of them where somebody has taken it.
///   - first: what the first one does.
///   - last: what is to be put in order before the second one ends the process.
func waitForSignals(_ hangUp: HangUp, _ first: () -> Void, last: () -> Void) -> Never {
  waitForSignal(hangUp)
  first()
  waitForSignal(hangUp)
  last()
  leave(.interrupted)
}

private func waitForSignal(_ hangUp: HangUp) {
  var waited = stopSignals
  var number: Int32 = 0
  repeat {
    while sigwait(&waited, &number) != 0 {}
  } while number == SIGHUP && hangUp.raise()
}

private var stopSignals: sigset_t {
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
  return signals
}

/// Ends the process while its other threads may still run: without the clean-up of libraries, since what such a thread still
/// uses would be gone (OpenSSL's locks, for one: seen as a segmentation fault after SIGTERM under load).
func leave(_ code: ExitCode) -> Never {
  fflush(nil)
  _exit(code.rawValue)
}
