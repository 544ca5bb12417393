// How much of the processor a call takes.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum ProcessTime {
  private static let rounds = 101

  /// Microseconds of CPU time a call takes, rounded to hundredths. All threads count: long texts may be parsed on one of
  /// their own.
  static func median(_ body: () async throws -> Int) async throws -> Double {
    var sink = 0
    var calls = 0
    let start = now()
    repeat {
      sink += try await body()
      calls += 1
    } while now() - start < 50_000
    // A round takes some ten milliseconds.
    calls = calls / 5 + 1
    var took: [Double] = []
    for _ in 0..<rounds {
      let start = now()
      for _ in 0..<calls { sink += try await body() }
      took.append((now() - start) / Double(calls))
    }
    precondition(sink > 0)
    return (took.sorted()[rounds / 2] * 100).rounded() / 100
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }
}
