// What a server counts, for metrics.

import Synchronization

package struct HTTPServerStatistics: Sendable, Equatable {
  // Now.
  package var openConnections = 0
  package var openStreams = 0
  /// Requests whose handler has not answered yet.
  package var running = 0

  // Since the start.
  package var connections = 0
  /// Whose headers were read, refused ones included.
  package var requests = 0
  /// Those `admit` answered.
  package var refusedByAdmission = 0
  /// Malformed requests among those whose headers could be read.
  package var malformed = 0
  /// Requests and connections beyond a limit: too large, too many, too slow.
  package var refusedByLimits = 0
  /// Those whose client left before it had its answer.
  package var departed = 0
}

/// The counters, for every thread.
final class Tally: Sendable {
  private let counters = Mutex(HTTPServerStatistics())

  var now: HTTPServerStatistics { counters.withLock { $0 } }

  func count(_ change: (inout HTTPServerStatistics) -> Void) { counters.withLock { change(&$0) } }
}
