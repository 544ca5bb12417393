// Places for replication: slots and senders, and how many are left.

import Database

struct ReplicationCapacity: HealthCheck {
  let id = "replication-capacity"
  let about = CheckDescription(
    .replication, "Places for replication", why: "The next standby, subscription or backup finds no place.",
    rule: "replication-places-percent of max_replication_slots or of max_wal_senders in use: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let used: Int64
    let room: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT x.name AS "name", x.used AS "used", current_setting(x.name)::bigint AS "room" FROM (
      SELECT 'max_replication_slots', count(*) FROM pg_replication_slots
      UNION ALL SELECT 'max_wal_senders', count(*) FROM pg_stat_get_wal_senders() AS s) AS x(name, used)
    ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let percent = Double(row.used) * 100 / Double(max(1, row.room))
      guard row.used > 0, percent >= limits["replication-places-percent"] else { return nil }
      return finding(
        .warning, .setting, row.name, "\(row.used) of \(row.room) are in use: \(row.name)",
        [Figure("used", row.used), Figure("room", row.room)],
        remedies: [changing(row.name, to: "\(max(10, row.room * 2))", on: surroundings, restarts: true)],
        notes: ["a standby needs as many as its primary has"])
    }
  }
}
