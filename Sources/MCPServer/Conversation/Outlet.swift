// What may still be said about a request: progress that grows, logs that were asked for, and nothing once it is over.

internal import JSON
internal import Synchronization

/// One request's way to the client. Closed when the request is answered or cancelled.
final class Outlet: Sendable {
  private let channel: Channel
  private let token: RequestID?
  private let version: ProtocolVersion
  /// The least level the client wants to read; nil: no logs.
  private let leastLevel: @Sendable () -> LogLevel?
  private let state = Mutex(State())

  private struct State {
    var isClosed = false
    var progress: Double?
    var lastProgress: ContinuousClock.Instant?
  }

  /// Nobody reads faster.
  private static let progressInterval = Duration.milliseconds(20)

  init(
    _ channel: Channel, token: RequestID?, version: ProtocolVersion,
    leastLevel: @escaping @Sendable () -> LogLevel?
  ) {
    self.channel = channel
    self.token = token
    self.version = version
    self.leastLevel = leastLevel
  }

  /// Whether what is sent before the answer reaches the client.
  var isOpen: Bool { channel.isOpen && !state.withLock { $0.isClosed } }

  /// Whether progress would reach anybody.
  var wantsProgress: Bool { token != nil && channel.isOpen }

  func close() { state.withLock { $0.isClosed = true } }

  func send(_ message: JSONObject) async {
    guard isOpen else { return }
    await channel.send(JSONValue.object(message).bytes())
  }

  func tell(_ notice: CallNotice) async {
    switch notice {
    case .progress(let progress, let total, let message):
      guard let token, isNews(progress, total) else { return }
      var parameters: JSONObject = ["progressToken": token.json, "progress": Self.json(progress)]
      if let total { parameters["total"] = Self.json(total) }
      if version.hasProgressMessages, let message { parameters["message"] = .string(message) }
      await send(Outgoing.notification("notifications/progress", parameters))
    case .log(let level, let logger, let data):
      guard let least = leastLevel(), level >= least else { return }
      var parameters: JSONObject = ["level": .string(level.rawValue)]
      if let logger { parameters["logger"] = .string(logger) }
      parameters["data"] = data
      await send(Outgoing.notification("notifications/message", parameters))
    }
  }

  /// Progress only ever grows, and not too often; the end is always told.
  private func isNews(_ progress: Double, _ total: Double?) -> Bool {
    state.withLock { state in
      guard progress.isFinite, progress > state.progress ?? -.infinity else { return false }
      let now = ContinuousClock.now
      if let last = state.lastProgress, now - last < Self.progressInterval, progress != total { return false }
      state.progress = progress
      state.lastProgress = now
      return true
    }
  }

  /// Whole numbers without a fraction: that is how people write them.
  private static func json(_ number: Double) -> JSONValue {
    Int64(exactly: number).map { .integer($0) } ?? .number(number)
  }
}

extension LogLevel: Comparable {
  package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
