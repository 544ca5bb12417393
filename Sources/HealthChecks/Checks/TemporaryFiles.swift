// Sorts and hashes that do not fit into their memory.

import Database

struct TemporaryFiles: HealthCheck {
  let id = "temporary-files"
  let about = CheckDescription(
    .memory, "Temporary files", why: "Sorting on disk takes several times as long as in memory.",
    rule: "On average temporary-bytes-per-hour since counting began: notice.")

  struct Row: Decodable, Sendable {
    let bytes: Int64
    let files: Int64
    let hours: Double
    let memory: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT d.temp_bytes AS "bytes", d.temp_files AS "files",
      greatest(extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time())) / 3600, 1)::float8 AS "hours",
      current_setting('work_mem') AS "memory"
    FROM pg_stat_database AS d WHERE d.datname = current_database()
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.bytes > 0 && Double($0.bytes) / $0.hours >= limits["temporary-bytes-per-hour"] }.map { row in
      finding(
        .notice, .database, quotedIdentifier(surroundings.server.database),
        "\(row.files) temporary files with \(size(row.bytes)) were written in \(whole(row.hours)) h",
        [Figure("bytes", row.bytes, .bytes), Figure("files", row.files)],
        notes: [
          "spilling-statements names them; raise work_mem for their role and not for all: ALTER ROLE … SET work_mem = …;",
          "building indexes writes them too",
        ], since: surroundings.usageSince)
    }
  }
}
