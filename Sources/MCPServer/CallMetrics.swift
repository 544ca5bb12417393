// Counts and times of calls in Prometheus' text format: names of ours only, no SQL and no data.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format

package import Governance
internal import Synchronization

/// Counts each record on its way into the audit, so that the two agree.
package final class CallMetrics: AuditLog {
  private struct Call: Hashable, Comparable {
    var tool: String
    var outcome: String

    static func < (left: Call, right: Call) -> Bool {
      (left.tool, left.outcome) < (right.tool, right.outcome)
    }
  }

  private struct Times {
    var counts = [Int](repeating: 0, count: CallMetrics.bounds.count + 1)
    var sum = 0.0
  }

  private struct State {
    var calls: [Call: Int] = [:]
    var times: [String: Times] = [:]
    var refusals: [String: Int] = [:]
    var unrecorded = 0
  }

  /// One more line of the text: a number that somebody else keeps.
  package struct Gauge: Sendable {
    package var name: String
    package var help: String
    /// Label and value of the label; nil for none.
    package var label: (name: String, value: String)?
    package var value: Double
    package var isCounter: Bool

    package init(
      _ name: String, _ help: String, label: (name: String, value: String)? = nil, _ value: Double,
      isCounter: Bool = false
    ) {
      self.name = name
      self.help = help
      self.label = label
      self.value = value
      self.isCounter = isCounter
    }
  }

  /// In seconds; calls stay under a minute.
  private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// Rules are ours and few; should they ever become many, the rest are one.
  private static let mostRules = 200

  private let audit: (any AuditLog)?
  private let tools: Set<String>
  private let state = Mutex(State())

  /// - Parameter audit: where the records go.
  package init(before audit: (any AuditLog)?) {
    self.audit = audit
    tools = Set(allTools.map(\.name))
  }

  package func append(_ record: AuditRecord) async throws(AuditFailure) {
    do throws(AuditFailure) { try await audit?.append(record) } catch {
      state.withLock { $0.unrecorded += 1 }
      throw error
    }
    count(record)
  }

  private func count(_ record: AuditRecord) {
    // What a client made up is no label.
    let tool = tools.contains(record.tool) ? record.tool : "other"
    let (whole, rest) = record.duration.components
    let seconds = Double(whole) + Double(rest) / 1e18
    let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.calls[Call(tool: tool, outcome: record.outcome.rawValue), default: 0] += 1
      state.times[tool, default: Times()].counts[place] += 1
      state.times[tool]?.sum += seconds
      guard record.outcome == .refused else { return }
      let rule = record.rule ?? "permission"
      let isKnown = state.refusals[rule] != nil || state.refusals.count < Self.mostRules
      state.refusals[isKnown ? rule : "other", default: 0] += 1
    }
  }

  /// Everything, sorted, with what others keep behind it.
  package func text(_ gauges: [Gauge] = []) -> String {
    let state = state.withLock { $0 }
    var text = Self.head("pgadvisor_calls_total", "counter", "Tool calls by tool and outcome.")
    for (call, count) in state.calls.sorted(by: { $0.key < $1.key }) {
      text += "pgadvisor_calls_total{tool=\"\(call.tool)\",outcome=\"\(call.outcome)\"} \(count)\n"
    }
    text += Self.head("pgadvisor_call_duration_seconds", "histogram", "Time from a call to its record.")
    for (tool, times) in state.times.sorted(by: { $0.key < $1.key }) {
      var sum = 0
      for (bound, count) in zip(Self.bounds.map { Self.number($0) } + ["+Inf"], times.counts) {
        sum += count
        text += "pgadvisor_call_duration_seconds_bucket{tool=\"\(tool)\",le=\"\(bound)\"} \(sum)\n"
      }
      text += "pgadvisor_call_duration_seconds_sum{tool=\"\(tool)\"} \(Self.number(times.sum))\n"
      text += "pgadvisor_call_duration_seconds_count{tool=\"\(tool)\"} \(sum)\n"
    }
    text += Self.head("pgadvisor_refusals_total", "counter", "Refused calls by rule.")
    for (rule, count) in state.refusals.sorted(by: { $0.key < $1.key }) {
      text += "pgadvisor_refusals_total{rule=\"\(Self.escaped(rule))\"} \(count)\n"
    }
    text += Self.head("pgadvisor_unrecorded_total", "counter", "Calls whose answer was withheld for want of a record.")
    text += "pgadvisor_unrecorded_total \(state.unrecorded)\n"
    return text + Self.text(gauges)
  }

  /// Numbers that others keep; those of one name stand together.
  package static func text(_ gauges: [Gauge]) -> String {
    var (text, last) = ("", "")
    for gauge in gauges {
      if gauge.name != last { text += head(gauge.name, gauge.isCounter ? "counter" : "gauge", gauge.help) }
      last = gauge.name
      let label = gauge.label.map { "{\($0.name)=\"\(escaped($0.value))\"}" } ?? ""
      text += "\(gauge.name)\(label) \(number(gauge.value))\n"
    }
    return text
  }

  /// How busy the pools are.
  package static func text(_ pools: [PoolState]) -> String {
    func gauges(_ name: String, _ help: String, _ value: (PoolState) -> Int) -> [Gauge] {
      pools.map { Gauge(name, help, label: ("connection", $0.connection), Double(value($0))) }
    }
    return text(
      gauges("pgadvisor_pool_idle", "Open sessions that nobody uses.", { $0.idle })
        + gauges("pgadvisor_pool_borrowed", "Sessions in use.") { $0.borrowed }
        + gauges("pgadvisor_pool_waiting", "Calls that wait for a session.") { $0.waiting }
        + gauges("pgadvisor_pool_limit", "Sessions there may be.") { $0.limit })
  }

  private static func head(_ name: String, _ type: String, _ help: String) -> String {
    "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private static func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
