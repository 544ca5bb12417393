// Existing indexes beside the new ones: those that nobody reads, and those that another does the work of.

import Database
import HealthChecks
import IndexTuner

/// Asks the health checks on indexes, and keeps what concerns the tables of the statements.
struct DroppableIndexes {
  /// The rest is what `health` is for.
  private static let most = 20
  private static let wanted: Set<String> = ["unused-indexes", "duplicate-indexes"]

  /// Nothing that backs a constraint, a foreign key or a replica identity; empty where the checks could not be made.
  static func findings(on session: Session, for tuning: Tuning) async -> [Finding] {
    guard !tuning.indexesOfTables.isEmpty, !Task.isCancelled else { return [] }
    let checks = allChecks.filter { wanted.contains($0.id) }
    guard let result = try? await Checkup(checks).run(on: session) else { return [] }
    let replaced = Set(tuning.redundant.map(\.name))
    var seen: Set<String> = []
    return Array(
      result.findings.filter { finding in
        let name = finding.object.name
        guard tuning.indexesOfTables.contains(name),
          finding.remedies.contains(where: { $0.sql.hasPrefix("DROP INDEX") }),
          !finding.notes.contains(where: { $0.contains("replica identity") })
        else { return false }
        let short = name.split(separator: ".").last.map(String.init) ?? name
        return !replaced.contains(short) && seen.insert(name).inserted
      }.prefix(most))
  }
}
