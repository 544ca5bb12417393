// The settings that people tune first, as they are: nothing is judged that needs the machine's memory.

import Database

struct TuningValues: HealthCheck {
  let id = "tuning-values"
  let about = CheckDescription(
    .settings, "Settings that are usually tuned", why: "PostgreSQL's defaults are made to start on any machine.",
    rule:
      "shared_buffers at its default of 128 MB beside a database of more than large-bytes: notice; random_page_cost at 4, "
      + "a setting for spinning disks: info.")

  struct Row: Decodable, Sendable {
    let name: String
    let value: String
    let isDefault: Bool
    let databaseBytes: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT s.name::text AS "name", current_setting(s.name) AS "value",
      s.source = 'default' OR s.name = 'shared_buffers' AND s.setting::bigint * current_setting('block_size')::bigint
        <= 134217728 OR s.name = 'random_page_cost' AND s.setting = '4' AS "isDefault",
      (SELECT coalesce(sum(c.relpages::bigint), 0) FROM pg_class AS c WHERE c.relkind IN ('r', 'm', 't', 'i'))::bigint
        * current_setting('block_size')::bigint AS "databaseBytes"
    FROM pg_settings AS s WHERE s.name IN ('shared_buffers', 'random_page_cost') ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter(\.isDefault).compactMap { row in
      let figures = [Figure("value", row.value), Figure("database_bytes", row.databaseBytes, .bytes)]
      guard Double(row.databaseBytes) > limits["large-bytes"] else { return nil }
      if row.name == "shared_buffers" {
        return finding(
          .notice, .setting, row.name,
          "shared_buffers is \(row.value), and the database has \(size(row.databaseBytes))",
          figures, notes: ["a quarter of the machine's memory is a usual beginning; it needs a restart"])
      }
      return finding(
        .info, .setting, row.name, "random_page_cost is \(row.value), which is meant for spinning disks", figures,
        remedies: [changing("random_page_cost", to: "1.1", on: surroundings)],
        notes: ["on solid state disks 1.1 is usual: plans change, towards indexes"])
    }
  }
}
