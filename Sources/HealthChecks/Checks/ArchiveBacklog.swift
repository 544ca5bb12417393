// WAL that waits for its archive.

import Database

struct ArchiveBacklog: HealthCheck {
  let id = "archive-backlog"
  let about = CheckDescription(
    .replication, "WAL that waits for the archive",
    why: "What is not archived cannot be restored, and fills the disk meanwhile.",
    rule: "Segments that are ready: warning from archive-warning-segments, critical from archive-critical-segments.",
    needs: [.monitoring, .primary])

  struct Row: Decodable, Sendable {
    let ready: Int64
    let bytes: Int64
    let seconds: Double?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT count(*) AS "ready", count(*) * pg_size_bytes(current_setting('wal_segment_size')) AS "bytes",
      extract(epoch FROM clock_timestamp() - min(f.modification))::float8 AS "seconds"
    FROM pg_ls_archive_statusdir() AS f WHERE f.name LIKE '%.ready' AND current_setting('archive_mode') <> 'off'
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.ready) >= limits["archive-warning-segments"] }.map { row in
      finding(
        Double(row.ready) >= limits["archive-critical-segments"] ? .critical : .warning, .server, "archive",
        "\(row.ready) segments of WAL, \(size(row.bytes)), wait for the archive"
          + (row.seconds.map { ", the oldest for \(duration($0))" } ?? ""),
        [Figure("segments", row.ready), Figure("bytes", row.bytes, .bytes)],
        notes: ["the server's log says what archive_command answered; archiver-failing says whether it fails"])
    }
  }
}
