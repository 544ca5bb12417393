// How much each caller has taken of a connection in the last hour.

/// Times of calls, by caller. Bounded: callers are those of the configuration, and a quota has no more than its number of
/// times.
struct Quotas {
  private struct Use {
    var times: [ContinuousClock.Instant] = []
    var running = 0
  }

  private var uses: [Principal: Use] = [:]
  private static let longestList = 100_000

  /// - Returns: why the call has to wait; nil when it was counted.
  mutating func begin(
    _ principal: Principal, _ limits: PolicyLimits, at now: ContinuousClock.Instant
  ) -> GovernedFailure? {
    var use = uses[principal] ?? Use()
    use.times.removeAll { now - $0 > .seconds(3_600) }
    if let most = limits.perHour, use.times.count >= most {
      return Self.tooMany(in: .hour, limits)
    }
    if let most = limits.perMinute, use.times.count(where: { now - $0 <= .seconds(60) }) >= most {
      return Self.tooMany(in: .minute, limits)
    }
    if let most = limits.concurrent, use.running >= most {
      return Self.tooMany(in: .moment, limits)
    }
    if limits.perHour != nil || limits.perMinute != nil, use.times.count < Self.longestList { use.times.append(now) }
    use.running += 1
    uses[principal] = use
    return nil
  }

  mutating func end(_ principal: Principal) {
    uses[principal]?.running -= 1
    if let use = uses[principal], use.running <= 0, use.times.isEmpty { uses[principal] = nil }
  }

  enum Span { case moment, minute, hour }

  static func tooMany(in span: Span, _ limits: PolicyLimits) -> GovernedFailure {
    func refusal(_ key: String, _ most: Int?, _ time: String, _ advice: String) -> GovernedFailure {
      GovernedFailure("the policy's \(key) is reached: \(most ?? 0) \(time)", advice: advice)
    }
    let less = "Ask less often, and for more at once"
    return switch span {
    case .hour: refusal("max_queries_per_hour", limits.perHour, "in an hour", less)
    case .minute: refusal("max_queries_per_minute", limits.perMinute, "in a minute", less)
    case .moment:
      refusal("max_concurrent_calls", limits.concurrent, "at a time", "Wait until one of them has ended")
    }
  }
}
