// A thread with a stack that PostgreSQL's recursive tree writers cannot run over.

// Whichever module the compiler reads first counts as the one that declares pthread_attr_t.
internal import CPgQuery

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum LargeStack {
  private final class Job {
    let work: () -> Void
    init(_ work: @escaping () -> Void) { self.work = work }
  }

  /// Runs `body` on a new thread with a stack of `bytes` and waits for it; nil if there is no such thread to be had.
  /// The stack is address space: only the pages that are touched take memory. Starting a thread costs about 50 µs.
  static func run<Outcome: Sendable>(bytes: Int, _ body: () -> Outcome) -> Outcome? {
    withoutActuallyEscaping(body) { body in
      var attributes = pthread_attr_t()
      guard pthread_attr_init(&attributes) == 0 else { return nil }
      defer { pthread_attr_destroy(&attributes) }
      guard pthread_attr_setstacksize(&attributes, bytes) == 0 else { return nil }

      var outcome: Outcome?
      let job = Unmanaged.passRetained(Job { outcome = body() })
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let failure = pthread_create(
        &thread, &attributes,
        { job in
          let job: UnsafeMutableRawPointer? = job
          if let job { Unmanaged<Job>.fromOpaque(job).takeUnretainedValue().work() }
          return nil
        }, job.toOpaque())
      #if canImport(Darwin)
        if failure == 0, let thread { pthread_join(thread, nil) }
      #else
        if failure == 0 { pthread_join(thread, nil) }
      #endif
      job.release()
      return outcome
    }
  }
}
