// Transactions that were cancelled since they waited for each other.

import Database

struct Deadlocks: HealthCheck {
  let id = "deadlocks"
  let about = CheckDescription(
    .locks, "Deadlocks",
    why: "Each is an error in the application, after a second of waiting, and work done for nothing.",
    rule: "At least deadlocks-per-day since counting began: notice.")

  struct Row: Decodable, Sendable {
    let deadlocks: Int64
    let days: Double
    let since: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT d.deadlocks AS "deadlocks",
      extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time()))::float8 / 86400 AS "days",
      to_char(coalesce(d.stats_reset, pg_postmaster_start_time()) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
        AS "since"
    FROM pg_stat_database AS d WHERE d.datname = current_database()
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      // A single one in a young count is no rate.
      let perDay = Double(row.deadlocks) / max(1, row.days)
      guard row.deadlocks > 0, perDay >= limits["deadlocks-per-day"] else { return nil }
      return finding(
        .notice, .database, surroundings.server.database,
        "\(row.deadlocks) deadlocks since counting began, about \(whole(perDay)) a day",
        [Figure("deadlocks", row.deadlocks), Figure("per_day", perDay, .count)],
        remedies: [changing("log_lock_waits", to: "on", on: surroundings)],
        notes: ["the server's log names the statements of each; lock rows in the same order everywhere"],
        since: row.since)
    }
  }
}
