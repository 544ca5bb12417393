// Queries of a replica that replay has cancelled.

import Database

struct ReplicaConflicts: HealthCheck {
  let id = "replica-conflicts"
  let about = CheckDescription(
    .replication, "Queries cancelled by replay", why: "Readers of the replica get errors while the primary cleans up.",
    rule: "Any since counting began: notice.", needs: [.replica])

  struct Row: Decodable, Sendable {
    let snapshot: Int64
    let lock: Int64
    let other: Int64
    let feedback: Bool
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT c.confl_snapshot AS "snapshot", c.confl_lock AS "lock",
      c.confl_tablespace + c.confl_bufferpin + c.confl_deadlock AS "other",
      current_setting('hot_standby_feedback') = 'on' AS "feedback"
    FROM pg_stat_database_conflicts AS c WHERE c.datname = current_database()
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.snapshot + $0.lock + $0.other > 0 }.map { row in
      finding(
        .notice, .database, quotedIdentifier(surroundings.server.database),
        "replay has cancelled \(row.snapshot + row.lock + row.other) queries of this replica",
        [Figure("snapshot", row.snapshot), Figure("lock", row.lock), Figure("other", row.other)],
        remedies: row.feedback || row.snapshot == 0
          ? [] : [changing("hot_standby_feedback", to: "on", bare: "1", on: surroundings)],
        notes: [
          "hot_standby_feedback makes the primary keep rows that this replica's queries see: it bloats instead",
          "max_standby_streaming_delay is how long replay waits for them",
        ], since: surroundings.usageSince)
    }
  }
}
