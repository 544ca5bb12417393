// Checkpoints that came because WAL ran over, and not in time.

import Database

struct RequestedCheckpoints: HealthCheck {
  let id = "requested-checkpoints"
  let about = CheckDescription(
    .memory, "Checkpoints forced by WAL",
    why: "They come in bursts, and each writes full pages again.",
    rule: "Of at least checkpoints, checkpoints-requested-percent were requested: notice.")

  struct Row: Decodable, Sendable {
    let timed: Int64
    let requested: Int64
    let wal: String
    let since: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    let old: SQL = "SELECT checkpoints_timed AS t, checkpoints_req AS r, stats_reset FROM pg_stat_bgwriter"
    let new: SQL = "SELECT num_timed AS t, num_requested AS r, stats_reset FROM pg_stat_checkpointer"
    return """
      SELECT c.t AS "timed", c.r AS "requested", current_setting('max_wal_size') AS "wal",
        to_char(c.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS "since" FROM (

      """ + (server.majorVersion >= 17 ? new : old) + ") AS c"
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let all = Double(row.timed) + Double(row.requested)
      let percent = Double(row.requested) * 100 / max(1, all)
      guard all >= limits["checkpoints"], percent >= limits["checkpoints-requested-percent"] else { return nil }
      return finding(
        .notice, .setting, "max_wal_size", "\(whole(percent)) % of \(whole(all)) checkpoints were requested",
        [Figure("requested", row.requested), Figure("timed", row.timed), Figure("max_wal_size", row.wal)],
        remedies: [changing("max_wal_size", to: "4GB", bare: "4096", on: surroundings)],
        notes: ["CHECKPOINT by hand, backups and CREATE DATABASE count too; WAL then takes as much disk"],
        since: row.since)
    }
  }
}
