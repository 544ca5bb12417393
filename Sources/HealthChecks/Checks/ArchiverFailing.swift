// Whether WAL reaches the archive.

import Database

struct ArchiverFailing: HealthCheck {
  let id = "archiver-failing"
  let about = CheckDescription(
    .replication, "Archiving of WAL",
    why: "Backups cannot be brought up to date, and WAL piles up until the disk is full.",
    rule: "The last attempt to archive has failed: critical.")

  struct Row: Decodable, Sendable {
    let wal: String?
    let failed: Int64
    let isFailing: Bool
    let seconds: Double?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT a.last_failed_wal AS "wal", a.failed_count AS "failed",
      current_setting('archive_mode') <> 'off'
        AND coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false) AS "isFailing",
      extract(epoch FROM now() - a.last_archived_time)::float8 AS "seconds"
    FROM pg_stat_archiver AS a
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter(\.isFailing).map { row in
      let last = row.seconds.map { ", the last success was \(duration($0)) ago" } ?? ", and nothing was ever archived"
      return finding(
        .critical, .server, "archiver", "\(row.wal ?? "a segment") cannot be archived\(last)",
        [Figure("failed", row.failed)], notes: ["the server's log says what archive_command answered"])
    }
  }
}
