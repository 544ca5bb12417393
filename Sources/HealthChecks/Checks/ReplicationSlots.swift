// Slots that keep WAL for nobody, and slots that have lost what their consumer needs.

import Database

struct ReplicationSlots: HealthCheck {
  let id = "replication-slots"
  let about = CheckDescription(
    .replication, "Replication slots", why: "A slot that nobody reads keeps WAL until the disk is full.",
    rule: "Inactive: notice, warning from slot-warning-bytes of WAL; any slot from slot-critical-bytes, or lost: "
      + "critical; unreserved: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let kind: String
    let isActive: Bool
    let bytes: Int64?
    let status: String?
  }

  /// A slot that is kept in step with the primary's is inactive by design (17); a temporary one goes by itself.
  func question(for server: ServerInfo) -> SQL? {
    let synced: SQL = server.majorVersion >= 17 ? " AND NOT s.synced\n" : "\n"
    return """
      SELECT s.slot_name::text AS "name", s.slot_type AS "kind", s.active AS "isActive",
        pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
          s.restart_lsn)::bigint AS "bytes", s.wal_status AS "status"
      FROM pg_replication_slots AS s WHERE NOT s.temporary
      """ + synced + " ORDER BY 1"
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let bytes = row.bytes ?? 0
      let severity: Severity
      let seen: String
      if row.status == "lost" {
        (severity, seen) = (.critical, "has lost the WAL that its consumer needs")
      } else if Double(bytes) >= limits["slot-critical-bytes"] {
        (severity, seen) = (.critical, "keeps \(size(bytes)) of WAL")
      } else if row.status == "unreserved" {
        (severity, seen) = (.warning, "may lose its WAL at the next checkpoint")
      } else if !row.isActive {
        (severity, seen) = (
          Double(bytes) >= limits["slot-warning-bytes"] ? .warning : .notice,
          "is read by nobody and keeps \(size(max(0, bytes))) of WAL"
        )
      } else {
        return nil
      }
      return finding(
        severity, .slot, row.name, "\(row.kind) slot \(row.name) \(seen)", [Figure("kept_wal", bytes, .bytes)],
        remedies: row.isActive
          ? []
          : [
            Remedy(
              "SELECT pg_drop_replication_slot(\(literal(row.name)));", risk: "its consumer must be set up anew",
              isForPeopleOnly: true)
          ])
    }
  }
}
