// An HTTP server while it runs: the wait for its end, and what it counts.

import HTTPServer
import MCPServer
import Synchronization

/// Between the task that serves and the handlers that ask about the server they run in.
final class Running: Sendable {
  private struct State {
    var server: HTTPServer?
    var isEnding = false
  }

  private let state = Mutex(State())

  var isEnding: Bool { state.withLock { $0.isEnding } }

  func begin(_ server: HTTPServer) { state.withLock { $0.server = server } }

  func end() {
    state.withLock { state in
      state.isEnding = true
      state.server = nil
    }
  }

  /// Until the task is cancelled.
  func wait() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationHandler {
      for await _ in stream {}
    } onCancel: {
      continuation.finish()
    }
  }

  func gauges(_ server: Server) async -> [CallMetrics.Gauge] {
    let sessions = CallMetrics.Gauge(
      "pgadvisor_sessions", "Legacy sessions over HTTP.", Double(await server.sessions.count))
    let listeners = CallMetrics.Gauge(
      "pgadvisor_listeners", "Streams that wait for changes.", Double(await server.announcements.listenerCount))
    guard let now = state.withLock({ $0.server })?.statistics else { return [sessions, listeners] }
    return [
      sessions, listeners,
      .init("pgadvisor_http_connections", "Open connections.", Double(now.openConnections)),
      .init("pgadvisor_http_streams", "Answers that are being streamed.", Double(now.openStreams)),
      .init("pgadvisor_http_running", "Requests that are not answered yet.", Double(now.running)),
      .init("pgadvisor_http_connections_total", "Connections.", Double(now.connections), isCounter: true),
      .init("pgadvisor_http_requests_total", "Requests.", Double(now.requests), isCounter: true),
      .init(
        "pgadvisor_http_refused_total", "Requests without a right to be answered, by reason.",
        label: ("reason", "admission"), Double(now.refusedByAdmission), isCounter: true),
      .init(
        "pgadvisor_http_refused_total", "Requests without a right to be answered, by reason.",
        label: ("reason", "limit"),
        Double(now.refusedByLimits), isCounter: true),
      .init(
        "pgadvisor_http_refused_total", "Requests without a right to be answered, by reason.",
        label: ("reason", "malformed"), Double(now.malformed), isCounter: true),
      .init("pgadvisor_http_departed_total", "Clients that left early.", Double(now.departed), isCounter: true),
    ]
  }
}
