// Extensions that came with this release, and come with a later one no more.

import Database

struct RemovedExtensions: HealthCheck {
  let id = "removed-extensions"
  let about = CheckDescription(
    .upgrade, "Extensions that later releases do not have", why: "pg_upgrade stops where a library is missing.",
    rule:
      "adminpack or old_snapshot, which are gone in PostgreSQL 17, or what is written in Python 2, gone in 15: warning."
  )

  struct Row: Decodable, Sendable {
    let name: String
    let release: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 17 else { return nil }
    return """
      SELECT quote_ident(x.extname) AS "name", k.release::bigint AS "release"
      FROM (VALUES ('adminpack', 17), ('old_snapshot', 17), ('plpythonu', 15), ('plpython2u', 15),
        ('hstore_plpythonu', 15), ('hstore_plpython2u', 15), ('jsonb_plpythonu', 15), ('jsonb_plpython2u', 15),
        ('ltree_plpythonu', 15), ('ltree_plpython2u', 15)) AS k(name, release)
      JOIN pg_extension AS x ON x.extname = k.name
      WHERE k.release > current_setting('server_version_num')::int / 10000 ORDER BY 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .extension, row.name, "extension \(row.name) does not come with PostgreSQL \(row.release)",
        [Figure("release", row.release)],
        remedies: [
          Remedy("DROP EXTENSION \(row.name);", risk: "fails while something depends on it: look at that first")
        ])
    }
  }
}
