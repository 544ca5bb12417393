// System catalogs full of dead rows, as temporary tables leave them.

import Database

struct DeadCatalogRows: HealthCheck {
  let id = "dead-catalog-rows"
  let about = CheckDescription(
    .vacuum, "Dead rows in system catalogs",
    why: "Every statement is planned from these tables, and each connection reads them at its start.",
    rule: "At least dead-rows and half of a system catalog: warning.")

  struct Row: Decodable, Sendable {
    let table: String
    let dead: Int64
    let live: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT 'pg_catalog.' || quote_ident(c.relname) AS "table", s.dead AS "dead",
      coalesce(pg_stat_get_live_tuples(c.oid), 0) AS "live"
    FROM pg_class AS c CROSS JOIN LATERAL (SELECT coalesce(pg_stat_get_dead_tuples(c.oid), 0) AS dead OFFSET 0) AS s
    WHERE c.relkind = 'r' AND c.relnamespace = 'pg_catalog'::regnamespace AND c.oid < 16384 AND s.dead > 0
    ORDER BY s.dead DESC, 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      Double(row.dead) >= limits["dead-rows"] && Double(row.dead) * 2 >= Double(row.dead) + Double(row.live)
    }.map { row in
      finding(
        .warning, .table, row.table, "\(row.table) has \(row.dead) dead rows beside \(row.live) live ones",
        [Figure("dead", row.dead), Figure("live", row.live)],
        remedies: [Remedy("VACUUM (ANALYZE) \(row.table);", .shareUpdateExclusive, .scan, isTransactional: false)],
        notes: [
          "tables that are made and dropped all the time leave them: keep one and empty it instead",
          "first see xmin-horizon: while something holds it back VACUUM removes nothing",
        ], since: surroundings.usageSince)
    }
  }
}
