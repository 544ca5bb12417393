// A check-up as one JSON object, for programs and for later comparison; the keys are a promise.

import Database
import HealthChecks
package import JSON

extension HealthReport {
  package var json: JSONValue { json(score) }

  func json(_ score: HealthScore?) -> JSONValue {
    let surroundings = result.surroundings
    let server = surroundings.server
    return [
      "schema_version": 1,
      "taken_at_s": .number(surroundings.clock),
      "server": [
        "version": .integer(Int64(server.versionNumber)), "database": .string(server.database),
        "in_recovery": .bool(server.isInRecovery), "platform": .string(surroundings.platform.rawValue),
        "usage_since": surroundings.usageSince.map { .string($0) } ?? .null,
      ],
      "role": [
        "name": .string(server.user), "is_superuser": .bool(server.isSuperuser),
        "sees_other_sessions": .bool(surroundings.monitors),
        "reads_column_statistics": .bool(surroundings.readsColumnStatistics), "tier": .string(surroundings.tier),
      ],
      "summary": .object(
        JSONObject(
          Severity.allCases.reversed().map { ($0.rawValue, .integer(Int64(count($0)))) }
            + [
              ("headline", .string(headline)), ("coverage", .string(coverage)),
              ("score", score.map { .integer(Int64($0.value)) } ?? .null),
              ("score_coverage_percent", score.map { .integer(Int64($0.coverage)) } ?? .null),
              ("score_capped_by", score?.cappedBy.map { .string($0) } ?? .null),
            ])),
      "findings": .array(shown.map(value)),
      "sizes": .array(
        sizes.map { size in
          [
            "type": .string(size.object.kind.rawValue), "name": .string(size.object.name),
            "bytes": .integer(size.bytes),
          ]
        }),
      "counters": .array(
        counters.map { counter in
          [
            "type": .string(counter.object.kind.rawValue), "name": .string(counter.object.name),
            "value": .integer(counter.value), "end": .integer(counter.end),
          ]
        }),
      "checks": .array(result.outcomes.map(value)),
      "not_looked_at": .array(notLookedAt.map { ["check": .string($0.id), "reason": .string($0.reason)] }),
      "suppressed": .array(
        suppressed.map { ["fingerprint": .string($0.finding.fingerprint), "reason": .string($0.reason)] }),
      "suppressions_that_lapsed": .array(
        lapsed.map { ["fingerprint": .string($0.pattern), "until": .string($0.until)] }),
      "comparison": comparison.map(value) ?? .null,
    ]
  }

  private func value(of comparison: BaselineComparison) -> JSONValue {
    [
      "new": .array(comparison.new.sorted().map { .string($0) }),
      "worse": .array(comparison.worse.sorted().map { .string($0) }),
      "gone": .array(comparison.gone.map { .string($0) }),
      "not_looked_at": .array(comparison.notLookedAt.map { .string($0) }),
      "forecasts": .array(
        comparison.forecasts.map { forecast in
          [
            "type": .string(forecast.object.kind.rawValue), "name": .string(forecast.object.name),
            "per_day": .number(forecast.perDay), "days_left": .number(forecast.daysLeft),
            "date": .string(forecast.date),
          ]
        }),
      "growth": .array(
        comparison.growth.map { change in
          [
            "type": .string(change.object.kind.rawValue), "name": .string(change.object.name),
            "bytes_before": .integer(change.before), "bytes": .integer(change.bytes),
          ]
        }),
    ]
  }

  private func value(of finding: Finding) -> JSONValue {
    [
      "check": .string(finding.check), "fingerprint": .string(finding.fingerprint),
      "severity": .string(finding.severity.rawValue), "status": change(of: finding).map { .string($0) } ?? .null,
      "object": ["type": .string(finding.object.kind.rawValue), "name": .string(finding.object.name)],
      "seen": .string(finding.seen), "why": .string(finding.why),
      "figures": .object(
        JSONObject(finding.figures.map { ($0.name, ["value": $0.value, "unit": .string($0.unit.rawValue)]) })),
      "remedies": .array(
        finding.remedies.map { remedy in
          [
            "sql": .string(remedy.sql), "lock": .string(remedy.lock.rawValue), "blocks": .string(remedy.lock.meaning),
            "time": .string(remedy.time.rawValue), "transactional": .bool(remedy.isTransactional),
            "risk": remedy.risk.map { .string($0) } ?? .null,
          ]
        }),
      "notes": .array(finding.notes.map { .string($0) }),
      "because_of": .array(finding.becauseOf.map { .string($0) }),
      "causes": .array(finding.causes.map { .string($0) }),
      "since": finding.since.map { .string($0) } ?? .null,
    ]
  }

  private func value(of outcome: CheckOutcome) -> JSONValue {
    let (status, reason): (String, String?) =
      switch outcome.status {
      case .lookedAt: (outcome.findings.isEmpty ? "ok" : "found", nil)
      case .notLookedAt(let reason): ("not_looked_at", reason)
      case .notApplicable(let reason): ("not_applicable", reason)
      }
    return [
      "id": .string(outcome.id), "group": .string(outcome.about.group.rawValue), "status": .string(status),
      "reason": reason.map { .string($0) } ?? .null, "findings": .integer(Int64(outcome.findings.count)),
      "milliseconds": .number((outcome.milliseconds * 10).rounded() / 10),
    ]
  }
}
