// Tables that a crash empties and that no replica or backup has.

import Database

struct UnloggedTables: HealthCheck {
  let id = "unlogged-tables"
  let about = CheckDescription(
    .schema, "Unlogged tables", why: "A crash empties it, and neither a replica nor a backup has its rows.",
    rule: "Any: info; warning where the server has standbys or an archive.", needs: [.primary])

  struct Row: Decodable, Sendable {
    let table: String
    let bytes: Int64
    let isReplicated: Bool
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", c.relpages::bigint * current_setting('block_size')::bigint AS "bytes",
      current_setting('archive_mode') <> 'off' OR EXISTS (SELECT FROM pg_stat_get_wal_senders()) AS "isReplicated"
    FROM tables AS c WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND
    """ + ownRelation + """
      ORDER BY c.relpages DESC, 1 LIMIT 200
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        row.isReplicated ? .warning : .info, .table, row.table, "\(row.table) is unlogged",
        [Figure("bytes", row.bytes, .bytes)],
        remedies: [
          Remedy("ALTER TABLE \(row.table) SET LOGGED;", .accessExclusive, .rewrite, risk: "all of it goes to WAL")
        ],
        notes: ["for rows that may be lost it is meant to be so"])
    }
  }
}
