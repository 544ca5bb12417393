// Existing indexes beside the new ones: those that nobody reads, and those that another does the work of.

package import Database
package import HealthChecks
import IndexTuner
import Terminal

/// Asks the health checks on indexes, and keeps what concerns the tables of the statements.
package struct DroppableIndexes {
  /// The rest is what `health` is for.
  private static let most = 20
  private static let unused = "unused-indexes"
  private static let wanted: Set<String> = [unused, "duplicate-indexes"]

  package let findings: [Finding]
  /// What was asked of replicas, and which could not be asked.
  package let remarks: [String]

  /// Nothing that backs a constraint, a foreign key or a replica identity; empty where the checks could not be made.
  /// - Parameter replicas: count the use of their indexes themselves; what one of them reads is not unused.
  static func found(
    on session: Session, for tuning: Tuning, replicas: [ConnectionTarget]
  ) async -> DroppableIndexes {
    let fewer = tuning.consolidations.map(Self.finding)
    let nothing = DroppableIndexes(findings: fewer, remarks: [])
    guard !tuning.indexesOfTables.isEmpty, !Task.isCancelled else { return nothing }
    let checks = allChecks.filter { wanted.contains($0.id) }
    // PostgreSQL tells names apart by their bytes.
    let ofTables = Set(tuning.indexesOfTables.map { Array($0.utf8) })
    let checkup = Checkup(checks, counting: { ofTables.contains(Array($0.object.name.utf8)) })
    guard let result = try? await checkup.run(on: session) else { return nothing }
    let replaced = Set(tuning.redundant.map(\.name))
    let merged = Set(tuning.consolidations.filter(\.doubts.isEmpty).flatMap { $0.replaced.map(\.name) })
    var seen: Set<String> = []
    let findings = result.findings.filter { finding in
      let name = finding.object.name
      guard finding.remedies.contains(where: { $0.sql.hasPrefix("DROP INDEX") }), !merged.contains(name),
        !finding.notes.contains(where: { $0.contains("replica identity") })
      else { return false }
      let short = name.split(separator: ".").last.map(String.init) ?? name
      return !replaced.contains(short) && seen.insert(name).inserted
    }
    let rest = await asked(replicas, about: findings)
    return DroppableIndexes(findings: fewer + rest.findings, remarks: rest.remarks)
  }

  /// Of indexes that fewer could replace.
  package static let consolidation = "consolidation"

  /// First what takes their place, then what goes.
  private static func finding(_ consolidation: Consolidation) -> Finding {
    let names = consolidation.replaced.map(\.name)
    let bytes = formatBytes(consolidation.replaced.reduce(0) { $0 + $1.bytes })
    let instead =
      consolidation.statements.isEmpty
      ? "\(consolidation.replacement) serves the same statements"
      : "one on \(consolidation.replacement) of about \(formatBytes(consolidation.bytes)) would do"
    let growth = Int(((consolidation.worst - 1) * 100).rounded())
    let planned = "\(consolidation.priced) \(consolidation.priced == 1 ? "statement was" : "statements were") planned "
    let without = planned + "without \(names.count == 1 ? "it" : "them"), the dearest costs \(growth) % more"
    return Finding(
      check: Self.consolidation, severity: .notice, object: FoundObject(.index, names.first ?? ""),
      seen: "\(names.joined(separator: ", ")) (\(bytes)) on \(consolidation.table): \(instead)",
      why: "each index costs disk, and every write that is not HOT",
      remedies: consolidation.statements.map { Remedy($0, .shareUpdateExclusive, .build, isTransactional: false) }
        + names.map { Remedy("DROP INDEX CONCURRENTLY \($0);", .shareUpdateExclusive, isTransactional: false) },
      notes: (consolidation.priced > 0 ? [without] : []) + consolidation.doubts)
  }

  /// What to show of a finding: a consolidation is no use without its last statement.
  package static func statements(of finding: Finding) -> [String] {
    (finding.check == consolidation ? finding.remedies : Array(finding.remedies.prefix(1))).map(\.sql)
  }

  /// Without those that a replica reads; while one cannot be asked, none is called unused.
  package static func asked(
    _ replicas: [ConnectionTarget], about findings: [Finding]
  ) async -> DroppableIndexes {
    guard !replicas.isEmpty else { return DroppableIndexes(findings: Array(findings.prefix(most)), remarks: []) }
    let names = findings.filter { $0.check == unused }.map(\.object.name)
    var used: Set<String> = []
    var remarks: [String] = []
    for (number, replica) in replicas.enumerated() {
      do {
        let session = try await Session.open(replica)
        let scanned: Result<[String], any Error>
        do { scanned = .success(try await session.rows(scans, [arrayLiteral(names)])) } catch {
          scanned = .failure(error)
        }
        await session.close()
        used.formUnion(try scanned.get())
      } catch {
        remarks.append("replica \(number + 1) could not be asked which indexes it reads: \(error)")
      }
    }
    if !used.isEmpty {
      remarks.append("kept because a replica reads them: \(used.sorted().joined(separator: ", "))")
    }
    // Who was not asked may read any of them.
    let isCertain = remarks.count == (used.isEmpty ? 0 : 1)
    let kept = findings.filter { $0.check != unused || (isCertain && !used.contains($0.object.name)) }
    return DroppableIndexes(findings: Array(kept.prefix(most)), remarks: remarks)
  }

  private static let scans: SQL = """
    SELECT n.name FROM (
      SELECT pg_catalog.format('%I.%I', s.schemaname, s.indexrelname) AS name, s.idx_scan
      FROM pg_catalog.pg_stat_user_indexes AS s) AS n
    WHERE n.idx_scan > 0 AND n.name = ANY ($1::text[])
    """
}
