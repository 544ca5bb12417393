// Statistics over several columns that were created and never gathered.

import Database

struct UnfilledStatistics: HealthCheck {
  let id = "unfilled-statistics"
  let about = CheckDescription(
    .statistics, "Extended statistics that were never filled",
    why: "The planner goes on to take columns for independent, as if nobody had created them.",
    rule:
      "Extended statistics of kind ndistinct without data, on a table of analyze-rows: notice. Those whose target is 0 "
      + "are left out; of other kinds nothing tells \"none\" from \"not gathered\".")

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let rows: Double
    let isReadable: Bool
  }

  /// pg_stats_ext shows what is known of tables that this role may read.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(n.nspname) || '.' || quote_ident(x.stxname) AS "name", c.oid::regclass::text AS "table",
      greatest(c.reltuples, 0)::float8 AS "rows", r.may AS "isReadable"
    FROM pg_statistic_ext AS x JOIN pg_namespace AS n ON n.oid = x.stxnamespace JOIN pg_class AS c ON c.oid = x.stxrelid
    CROSS JOIN LATERAL (SELECT has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE')
      AND NOT row_security_active(c.oid) AS may OFFSET 0) AS r
    WHERE 'd' = ANY (x.stxkind) AND x.stxstattarget IS DISTINCT FROM 0 AND c.relkind IN ('r', 'm') AND c.reltuples > 0
      AND CASE WHEN r.may THEN NOT EXISTS (SELECT FROM pg_stats_ext AS e WHERE e.statistics_schemaname = n.nspname
        AND e.statistics_name = x.stxname AND e.n_distinct IS NOT NULL) ELSE true END AND
    """ + ownRelation + """
      ORDER BY 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.isReadable && $0.rows >= limits["analyze-rows"] }.map { row in
      finding(
        .notice, .table, row.name, "\(row.name) of \(row.table) was created and never filled",
        [Figure("rows", row.rows, .count), Figure("table", row.table)],
        remedies: [Remedy("ANALYZE \(row.table);", .shareUpdateExclusive, .scan)])
    }
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let hidden = rows.count { !$0.isReadable }
    return hidden == 0 ? [] : ["\(hidden) of tables that role \(surroundings.server.user) may not read"]
  }
}
