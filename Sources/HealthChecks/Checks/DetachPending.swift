// Partitions that were half detached.

import Database

struct DetachPending: HealthCheck {
  let id = "detach-pending"
  let about = CheckDescription(
    .schema, "Partitions that are half detached",
    why: "Queries no longer see its rows, and it is still in the way of its parent.",
    rule: "Any DETACH CONCURRENTLY that did not end: warning.",
    needs: [.version(140_000)])

  struct Row: Decodable, Sendable {
    let table: String
    let parent: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT h.inhrelid::regclass::text AS "table", h.inhparent::regclass::text AS "parent" FROM pg_inherits AS h
    WHERE h.inhdetachpending ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .partition, row.table, "\(row.table) is half detached from \(row.parent)",
        remedies: [
          Remedy(
            "ALTER TABLE \(row.parent) DETACH PARTITION \(row.table) FINALIZE;", .shareUpdateExclusive,
            risk: "locks the partition itself for an instant")
        ])
    }
  }
}
