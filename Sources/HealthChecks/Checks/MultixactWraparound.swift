// Databases and tables whose oldest multixact comes near to the end of the numbers.

import Database

struct MultixactWraparound: HealthCheck {
  let id = "multixact-wraparound"
  let about = CheckDescription(
    .vacuum, "Multixact wraparound",
    why: "When the numbers run out PostgreSQL refuses every statement that needs a shared row lock.",
    rule: "Age of the oldest multixact: warning from wraparound-warning-percent of what there is, critical from "
      + "wraparound-critical-percent.")

  struct Row: Decodable, Sendable {
    let name: String
    let isDatabase: Bool
    let age: Int64
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(d.datname) AS "name", true AS "isDatabase", mxid_age(d.datminmxid)::bigint AS "age"
    FROM pg_database AS d
    UNION ALL (
      SELECT c.oid::regclass::text, false, mxid_age(c.relminmxid)::bigint
      FROM all_tables AS c WHERE c.relkind IN ('r', 'm') AND c.relminmxid <> '0'::xid
      ORDER BY mxid_age(c.relminmxid) DESC, c.oid LIMIT 20)
    ORDER BY 2 DESC, 3 DESC, 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let last = Int64(Int32.max) - 3_000_000
    return rows.compactMap { row in
      let percent = Double(row.age) * 100 / Double(last)
      guard percent >= limits["wraparound-warning-percent"] else { return nil }
      return finding(
        percent >= limits["wraparound-critical-percent"] ? .critical : .warning, row.isDatabase ? .database : .table,
        row.name, "\(row.name) has used \(Int(percent)) % of the multixact IDs",
        [Figure("age", row.age, .transactions)],
        remedies: [
          Remedy(
            row.isDatabase ? "VACUUM (FREEZE);" : "VACUUM (FREEZE) \(row.name);", .shareUpdateExclusive, .scan,
            isTransactional: false)
        ])
    }
  }
}
