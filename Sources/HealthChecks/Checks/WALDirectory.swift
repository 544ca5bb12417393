// A directory of WAL that is much larger than it should be.

import Database

struct WALDirectory: HealthCheck {
  let id = "wal-directory"
  let about = CheckDescription(
    .replication, "WAL that is kept", why: "When its disk is full, PostgreSQL stops.",
    rule: "wal-warning-factor times what max_wal_size and wal_keep_size ask for: warning; wal-critical-factor times: "
      + "critical.", needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let bytes: Int64
    let meant: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT coalesce(sum(f.size), 0)::bigint AS "bytes", pg_size_bytes(current_setting('max_wal_size'))
      + pg_size_bytes(current_setting('wal_keep_size')) AS "meant" FROM pg_ls_waldir() AS f
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let factor = Double(row.bytes) / Double(max(1, row.meant))
      guard factor >= limits["wal-warning-factor"] else { return nil }
      return finding(
        factor >= limits["wal-critical-factor"] ? .critical : .warning, .server, "wal",
        "\(size(row.bytes)) of WAL are kept, and \(size(row.meant)) are asked for",
        [Figure("bytes", row.bytes, .bytes), Figure("meant", row.meant, .bytes)],
        remedies: [Remedy("CHECKPOINT;", risk: "writes all changed pages at once", isTransactional: false)],
        notes: [
          "it goes only when nothing keeps it: replication-slots, archiver-failing, standby-lag, or a writer that is "
            + "faster than checkpoints"
        ])
    }
  }
}
