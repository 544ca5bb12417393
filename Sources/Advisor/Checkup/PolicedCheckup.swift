// A check-up for somebody from whom a policy hides something: first everything that could be shown of it, then, once others
// have said of which tables nothing is hidden, the report.

package import Database
import HealthChecks

package struct PolicedCheckup: Sendable {
  package struct Table: Sendable, Hashable {
    package var schema: String
    package var name: String

    package init(schema: String, name: String) { (self.schema, self.name) = (schema, name) }

    /// By the bytes, as PostgreSQL tells names apart.
    package static func == (left: Table, right: Table) -> Bool {
      left.schema.utf8.elementsEqual(right.schema.utf8) && left.name.utf8.elementsEqual(right.name.utf8)
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(schema)
      hasher.combine(name)
    }
  }

  private let result: Checkup.Result
  private let limits: Limits
  /// The table of each relation that a finding names, by the name's bytes.
  private let owners: [[UInt8]: Table]

  /// Those that findings are about.
  package var tables: Set<Table> { Set(owners.values) }

  /// Nothing is cut off here: what is hidden must not be in the way of the rest.
  static func read(
    _ checks: [any HealthCheck], on session: Session, limits: Limits, expecting expected: Expectation?,
    reporting: @Sendable (String) -> Void
  ) async throws -> PolicedCheckup {
    var all = limits
    _ = all.set("findings-per-check", to: 10_000)
    let checkup = Checkup(
      checks.filter { PolicedChecks.isShown($0.id) }, limits: all,
      counting: { PolicedChecks.relations(of: $0) != nil })
    var result = try await checkup.run(on: session, expecting: expected, reporting: reporting)
    let names = result.outcomes.flatMap(\.findings).compactMap(PolicedChecks.relations).flatMap { $0 }
    let rows = try await session.rows(owners, [arrayLiteral(names)], as: OwnerRow.self)
    let owners = Dictionary(
      rows.map { (Array($0.name.utf8), Table(schema: $0.schema, name: $0.table)) }
    ) { first, _ in first }
    // In the order in which others have them.
    let known = Dictionary(result.outcomes.map { ($0.id, $0) }) { first, _ in first }
    result.outcomes = checks.map { check in
      known[check.id] ?? CheckOutcome(id: check.id, about: check.about, status: .notLookedAt(PolicedChecks.note))
    }
    return PolicedCheckup(result: result, limits: limits, owners: owners)
  }

  private struct OwnerRow: Decodable {
    let name: String
    let schema: String
    let table: String
  }

  /// A name that means something else under the path here than where it was written is not found.
  private static let owners: SQL = """
    SELECT w.name AS "name", n.nspname AS "schema", t.relname AS "table"
    FROM pg_catalog.unnest($1::pg_catalog.text[]) AS w (name)
    JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(w.name)::pg_catalog.oid
    JOIN pg_catalog.pg_namespace AS m ON m.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    JOIN pg_catalog.pg_class AS t ON t.oid = coalesce(i.indrelid, c.oid)
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    WHERE pg_catalog.format('%I.%I', m.nspname, c.relname) = w.name
    """

  /// - Parameter free: tables of which nothing is hidden or ruled.
  package func report(free: Set<Table>) -> HealthReport {
    var shown = result
    shown.surroundings = result.surroundings.withoutCounts
    shown.outcomes = result.outcomes.map { outcome in
      let findings = outcome.findings.filter { finding in
        PolicedChecks.relations(of: finding)?.allSatisfy { owners[Array($0.utf8)].map(free.contains) ?? false } ?? false
      }
      return PolicedChecks.shown(outcome, findings, in: result.surroundings, limits)
    }
    var report = HealthReport(shown, limits: limits)
    report.findings = report.findings.map(\.forAgents)
    return report
  }
}

extension HealthReport {
  /// As `readForAgents`, where a policy hides something.
  package static func readUnderPolicy(
    on session: Session, types: [String], thresholds: [String: Double] = [:], expecting last: Circumstances? = nil,
    reporting: @Sendable (String) -> Void = { _ in }
  ) async throws(AdviceFailure) -> PolicedCheckup {
    let checks = try checksForAgents(types)
    do {
      return try await PolicedCheckup.read(
        checks, on: session, limits: Limits(changed: thresholds),
        expecting: last.map { Expectation($0.expectation.surroundings) }, reporting: reporting)
    } catch let error as DatabaseError {
      throw AdviceFailure(error)
    } catch {
      throw AdviceFailure(message: "\(error)")
    }
  }
}
