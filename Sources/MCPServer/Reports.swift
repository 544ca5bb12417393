// The last reports on each database, for whoever reads them as resources.

internal import Advisor
internal import Governance
internal import JSON

/// One report of each kind for each connection, and of those that were made under a policy one for each policy.
actor Reports {
  enum Kind: String, Sendable, CaseIterable {
    case health, advice
  }

  private struct Key: Hashable {
    var kind: Kind
    var connection: String
    /// nil: nothing was hidden.
    var policy: EffectivePolicy?
  }

  private let announcements: Announcements?
  private var last: [Key: JSONValue] = [:]
  /// By connection and what was looked at, and by connection alone.
  private var circumstances: [[String]: HealthReport.Circumstances] = [:]
  private static let mostCircumstances = 64
  private static let mostTypes = 32
  /// Of one report's JSON; a longer one is not shown.
  private static let longest = 4 << 20

  init(announcements: Announcements?) { self.announcements = announcements }

  /// Under policies, the oldest first. A reload makes new policies.
  private var policed: [Key] = []
  private static let mostPoliced = 64

  /// Keeps a report in place of the last one, and tells those who have subscribed to it. Of what was made under a policy
  /// only whoever has it hears, by the answer itself.
  func keep(_ report: JSONValue, _ kind: Kind, of connection: String, under policy: EffectivePolicy?) async {
    let key = Key(kind: kind, connection: connection, policy: policy)
    last[key] = report
    guard policy == nil else {
      policed.removeAll { $0 == key }
      policed.append(key)
      if policed.count > Self.mostPoliced { last[policed.removeFirst()] = nil }
      return
    }
    await announcements?.publish(.resource(ProductURI.report(kind, of: connection)))
  }

  func keep(
    _ report: HealthReport, on types: [String], as json: JSONValue, of connection: String,
    under policy: EffectivePolicy?
  ) async {
    if policy == nil {
      if circumstances.count >= Self.mostCircumstances { circumstances = [:] }
      circumstances[[connection]] = report.circumstances
      if types.count <= Self.mostTypes { circumstances[[connection] + types] = report.circumstances }
    }
    await keep(json, .health, of: connection, under: policy)
  }

  /// What the last health report on a database was read in: the last that looked at the same, or at anything.
  func circumstances(of connection: String, on types: [String]) -> HealthReport.Circumstances? {
    circumstances[[connection] + types] ?? circumstances[[connection]]
  }

  /// JSON; without a report it says how to get one.
  func text(_ kind: Kind, of connection: String, under policy: EffectivePolicy?) -> String {
    let tool = kind == .health ? "analyze_db_health" : "analyze_workload_indexes"
    var note = "\(tool) has not been called yet"
    if let report = last[Key(kind: kind, connection: connection, policy: policy)] {
      let text = JSONValue.object(["report": report]).text(pretty: true)
      if text.utf8.count <= Self.longest { return text }
      note = "the last report is longer than \(Self.longest >> 20) MiB; call \(tool) for parts of it"
    }
    return JSONValue.object(["report": .null, "note": .string(note)]).text(pretty: true)
  }
}
