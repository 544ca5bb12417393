// Existing indexes beside the new ones: those that nobody reads, and those that another does the work of.

package import Database
package import HealthChecks
import IndexTuner

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
    let nothing = DroppableIndexes(findings: [], remarks: [])
    guard !tuning.indexesOfTables.isEmpty, !Task.isCancelled else { return nothing }
    let checks = allChecks.filter { wanted.contains($0.id) }
    // PostgreSQL tells names apart by their bytes.
    let ofTables = Set(tuning.indexesOfTables.map { Array($0.utf8) })
    let checkup = Checkup(checks, counting: { ofTables.contains(Array($0.object.name.utf8)) })
    guard let result = try? await checkup.run(on: session) else { return nothing }
    let replaced = Set(tuning.redundant.map(\.name))
    var seen: Set<String> = []
    let findings = result.findings.filter { finding in
      let name = finding.object.name
      guard finding.remedies.contains(where: { $0.sql.hasPrefix("DROP INDEX") }),
        !finding.notes.contains(where: { $0.contains("replica identity") })
      else { return false }
      let short = name.split(separator: ".").last.map(String.init) ?? name
      return !replaced.contains(short) && seen.insert(name).inserted
    }
    return await asked(replicas, about: findings)
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
