// `health`: one check-up of a database, and what the outcome means.

package import Database
package import HealthChecks

/// What a check-up found, for any renderer.
package struct HealthReport: Sendable {
  package var result: Checkup.Result
  package var limits: Limits
  /// Findings below are counted and not shown.
  package var minimumSeverity = Severity.info
  /// Set by `compare`.
  package var comparison: BaselineComparison?
  /// Findings that somebody has accepted, with their reason.
  package var suppressed: [(finding: Finding, reason: String)] = []
  /// Fingerprints of findings that were accepted for a time that is over.
  package var lapsed: [(pattern: String, until: String)] = []

  package init(_ result: Checkup.Result, limits: Limits = Limits()) {
    self.result = result
    self.limits = limits
    findings = result.findings
  }

  /// Worst first, without the suppressed ones.
  package internal(set) var findings: [Finding]

  package var shown: [Finding] { findings.filter { $0.severity >= minimumSeverity } }

  /// Checks that looked, and those that could not.
  package var lookedAt: Int { result.outcomes.count { if case .lookedAt = $0.status { true } else { false } } }

  package var notLookedAt: [(id: String, reason: String)] {
    result.outcomes.flatMap { outcome -> [(id: String, reason: String)] in
      let omitted = outcome.omissions.map { (id: outcome.id, reason: $0) }
      guard case .notLookedAt(let reason) = outcome.status else { return omitted }
      return [(id: outcome.id, reason: reason)] + omitted
    }
  }

  /// The same, what was kept out for one and the same reason together.
  var reasons: [(ids: [String], reason: String)] {
    var reasons: [(ids: [String], reason: String)] = []
    for (id, reason) in notLookedAt {
      if let place = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[place].ids.append(id)
      } else {
        reasons.append(([id], reason))
      }
    }
    return reasons
  }

  /// What this report was read in, for the next one.
  package struct Circumstances: Sendable {
    var expectation: Expectation
  }

  package var circumstances: Circumstances { Circumstances(expectation: result.expectation) }

  /// Of the database and its largest tables, the largest first.
  package var sizes: [MeasuredSize] { result.outcomes.flatMap(\.sizes) }

  package func count(_ severity: Severity) -> Int { findings.count { $0.severity == severity } }

  /// The worst there is; nil where nothing was found.
  package var worst: Severity? { findings.map(\.severity).max() }

  package var headline: String {
    let counts = [Severity.critical, .warning, .notice, .info].compactMap { severity -> String? in
      let count = count(severity)
      guard count > 0 else { return nil }
      switch severity {
      case .critical: return "\(count) critical"
      case .warning: return count == 1 ? "1 warning" : "\(count) warnings"
      case .notice: return count == 1 ? "1 notice" : "\(count) notices"
      case .info: return "\(count) for information"
      }
    }
    return counts.isEmpty ? "Nothing was found." : counts.joined(separator: ", ") + "."
  }

  package var coverage: String {
    let applicable = result.outcomes.count { if case .notApplicable = $0.status { false } else { true } }
    return "\(lookedAt) of \(applicable) checks looked"
  }
}

extension HealthReport {
  /// The words that select checks: `health_type`, groups and ids.
  package static var typeWords: [String] { Checkup.words }

  /// - Parameters:
  ///   - types: of `typeWords`; empty for all.
  ///   - isExact: the largest wastes are measured, which reads them.
  package static func read(
    from target: ConnectionTarget, types: [String], limits: Limits = Limits(), isExact: Bool = false,
    reporting: @Sendable (String) -> Void = { _ in }
  ) async throws(AdviceFailure) -> HealthReport {
    _ = try checks(types)
    let session: Session
    do throws(DatabaseError) { session = try await Session.open(target) } catch { throw AdviceFailure(error) }
    let report: Swift.Result<HealthReport, AdviceFailure>
    do throws(AdviceFailure) {
      report = .success(
        try await read(on: session, types: types, limits: limits, isExact: isExact, reporting: reporting))
    } catch {
      report = .failure(error)
    }
    await session.close()
    return try report.get()
  }

  /// On a session that is open and in no transaction.
  package static func read(
    on session: Session, types: [String], limits: Limits = Limits(), isExact: Bool = false,
    reporting: @Sendable (String) -> Void = { _ in }
  ) async throws(AdviceFailure) -> HealthReport {
    try await run(checks(types), on: session, limits: limits, isExact: isExact, expecting: nil, reporting: reporting)
  }

  private static func run(
    _ checks: [any HealthCheck], on session: Session, limits: Limits, isExact: Bool = false,
    expecting expected: Circumstances?, reporting: @Sendable (String) -> Void
  ) async throws(AdviceFailure) -> HealthReport {
    do {
      return HealthReport(
        try await Checkup(checks, limits: limits, isExact: isExact).run(
          on: session, expecting: expected?.expectation, reporting: reporting),
        limits: limits)
    } catch let error as DatabaseError {
      throw AdviceFailure(error)
    } catch {
      throw AdviceFailure(message: "\(error)")
    }
  }

  /// Without the calls that only people are offered, and without the checks that only people ask for.
  /// - Parameters:
  ///   - thresholds: those that differ from the defaults, by name.
  ///   - last: of the last report on this database; saves a round trip.
  package static func readForAgents(
    on session: Session, types: [String], thresholds: [String: Double] = [:], expecting last: Circumstances? = nil,
    reporting: @Sendable (String) -> Void = { _ in }
  ) async throws(AdviceFailure) -> HealthReport {
    var report = try await run(
      checksForAgents(types), on: session, limits: Limits(changed: thresholds), expecting: last,
      reporting: reporting)
    report.findings = report.findings.map(\.forAgents)
    return report
  }

  static func checksForAgents(_ types: [String]) throws(AdviceFailure) -> [any HealthCheck] {
    let checks = try checks(types)
    guard let check = checks.first(where: \.isOptIn) else { return checks }
    throw AdviceFailure(
      message: "\(check.id) reads much or takes its time, so it is for a person to run",
      advice: "pgadvisor health --only \(check.id)")
  }

  private static func checks(_ types: [String]) throws(AdviceFailure) -> [any HealthCheck] {
    let words: [String] = types.flatMap {
      $0.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }.map { String(Substring($0)) }
    }
    var unknown: String?
    let checks = Checkup.selected(by: words, unknown: &unknown)
    guard let unknown else { return checks }
    let types = Checkup.healthTypes.map(\.word).joined(separator: ", ")
    let groups = CheckGroup.allCases.map(\.rawValue).joined(separator: ", ")
    let shown = unknown.count > 100 ? "\(unknown.prefix(100))…" : unknown
    throw AdviceFailure(
      message: "there is no check or group called \(shown)",
      advice: "There are \(types), the groups \(groups), and the checks by their ids")
  }
}
