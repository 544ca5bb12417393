// Pages that were damaged on disk.

import Database

struct ChecksumFailures: HealthCheck {
  let id = "checksum-failures"
  let about = CheckDescription(
    .server, "Damaged pages", why: "Data is lost, and the disk or memory that lost it may lose more.",
    rule: "Any page that failed its checksum: critical. Checksums off: info.")

  struct Row: Decodable, Sendable {
    let database: String?
    let failures: Int64
    let seconds: Double?
    let isOn: Bool
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT NULL AS "database", 0::bigint AS "failures", NULL::float8 AS "seconds",
      current_setting('data_checksums') = 'on' AS "isOn"
    UNION ALL
    SELECT coalesce(quote_ident(d.datname), 'shared objects'), d.checksum_failures,
      extract(epoch FROM now() - d.checksum_last_failure)::float8, true
    FROM pg_stat_database AS d WHERE d.checksum_failures > 0 ORDER BY 1 NULLS FIRST
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      if let database = row.database {
        let ago = row.seconds.map { ", the last \(duration($0)) ago" } ?? ""
        return finding(
          .critical, .database, database, "\(row.failures) pages of \(database) failed their checksum\(ago)",
          [Figure("failures", row.failures)],
          notes: ["restore from a replica or backup; zero_damaged_pages destroys what is left"])
      }
      return row.isOn
        ? nil
        : finding(
          .info, .server, "data_checksums", "data checksums are off",
          notes: ["pg_checksums --enable does it on a stopped server"],
          why: "Damage by the disk goes unnoticed until somebody reads nonsense.")
    }
  }
}
