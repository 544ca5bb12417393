// This run against an earlier one: what is new, worse and gone.

package import HealthChecks
package import JSON
import Terminal

/// Made from an earlier run's JSON. A finding whose check did not look this time is neither here nor gone.
package struct BaselineComparison: Sendable {
  package var new: Set<String> = []
  package var worse: Set<String> = []
  package var gone: [String] = []
  package var notLookedAt: [String] = []
  /// What has another size than before, the largest change first.
  package var growth: [SizeChange] = []
  /// When what counts up reaches its end if it goes on like this, the first one first; nobody knows where nothing grew.
  package var forecasts: [Forecast] = []
}

/// One size, then and now.
package struct SizeChange: Sendable, Equatable {
  package var object: FoundObject
  package var before: Int64
  package var bytes: Int64
}

extension HealthReport {
  /// - Throws: where it is no report of ours.
  package mutating func compare(with baseline: JSONValue) throws(AdviceFailure) {
    guard let entries = baseline["findings"]?.array else {
      throw AdviceFailure(
        message: "the baseline is no report of pgadvisor health",
        advice: "Make one with pgadvisor health --format json > FILE")
    }
    var before: [String: Severity] = [:]
    var owners: [String: String] = [:]
    for entry in entries {
      guard let fingerprint = entry["fingerprint"]?.string,
        let severity = entry["severity"]?.string.flatMap(Severity.init(rawValue:))
      else { continue }
      before[fingerprint] = max(severity, before[fingerprint] ?? severity)
      owners[fingerprint] = entry["check"]?.string
    }
    var comparison = BaselineComparison()
    var now: Set<String> = []
    for finding in findings {
      now.insert(finding.fingerprint)
      guard let earlier = before[finding.fingerprint] else {
        comparison.new.insert(finding.fingerprint)
        continue
      }
      if finding.severity > earlier { comparison.worse.insert(finding.fingerprint) }
    }
    let looked = Set(result.outcomes.filter { $0.status == .lookedAt }.map(\.id))
    for fingerprint in before.keys.sorted() where !now.contains(fingerprint) {
      if looked.contains(owners[fingerprint] ?? "") {
        comparison.gone.append(fingerprint)
      } else {
        comparison.notLookedAt.append(fingerprint)
      }
    }
    comparison.growth = growth(since: baseline)
    comparison.forecasts = forecasts(since: baseline)
    self.comparison = comparison
    tellForecasts()
  }

  private func growth(since baseline: JSONValue) -> [SizeChange] {
    var before: [String: Int64] = [:]
    for entry in baseline["sizes"]?.array ?? [] {
      guard let kind = entry["type"]?.string, let name = entry["name"]?.string, let bytes = entry["bytes"]?.integer
      else { continue }
      before["\(kind) \(name)"] = bytes
    }
    return sizes.compactMap { size -> SizeChange? in
      guard let old = before["\(size.object.kind.rawValue) \(size.object.name)"], old != size.bytes else { return nil }
      return SizeChange(object: size.object, before: old, bytes: size.bytes)
    }.sorted { left, right in
      let (a, b) = (left.bytes.distance(to: left.before).magnitude, right.bytes.distance(to: right.before).magnitude)
      return a != b ? a > b : left.object.name < right.object.name
    }
  }

  /// `public.orders: 1.2 GB, 200 MB more (20 %)`.
  var growthLines: [String] {
    (comparison?.growth ?? []).prefix(11).map { change in
      let name = change.object.kind == .database ? "the database" : change.object.name
      let (less, more) = (min(change.before, change.bytes), max(change.before, change.bytes))
      let share =
        less > 0 ? " (\(formatPercent(Double(more - less) / Double(change.before > 0 ? change.before : less))))" : ""
      return "\(name): \(formatBytes(change.bytes)), \(formatBytes(more - less)) "
        + "\(change.bytes > change.before ? "more" : "less")\(share)"
    }
  }

  /// `new`, `worse` or nothing.
  func change(of finding: Finding) -> String? {
    guard let comparison else { return nil }
    if comparison.new.contains(finding.fingerprint) { return "new" }
    return comparison.worse.contains(finding.fingerprint) ? "worse" : nil
  }

  /// With a baseline, only what is new or worse counts.
  package var verdict: Severity? {
    guard comparison != nil else { return worst }
    return findings.filter { change(of: $0) != nil }.map(\.severity).max()
  }
}
