// Tables whose statistics are missing or long out of date.

import Database

struct NeverAnalyzed: HealthCheck {
  let id = "missing-statistics"
  let about = CheckDescription(
    .statistics, "Missing and stale planner statistics", why: "The planner guesses, and chooses wrong plans.",
    rule: "At least analyze-rows rows and never analyzed: warning; changed rows since the last ANALYZE from stale-rows "
      + "and more than five times the table's own trigger of autovacuum: warning.")

  struct Row: Decodable, Sendable {
    let table: String
    let neverAnalyzed: Bool
    let live: Double
    let changed: Int64
    let trigger: Double
  }

  /// From 14 -1 rows mean "never"; before, no page counted although there are some.
  func part(for server: ServerInfo) -> SQL? {
    let negative: SQL = " c.reltuples < 0 AS \"neverAnalyzed\",\n"
    let uncounted: SQL = """
       c.reltuples = 0 AND s.live > 0 AND pg_stat_get_last_analyze_time(c.oid) IS NULL
         AND pg_stat_get_last_autoanalyze_time(c.oid) IS NULL AS "neverAnalyzed",

      """
    let never = server.majorVersion >= 14 ? negative : uncounted
    return """
      SELECT c.oid::regclass::text AS "table",
      """ + never + """
          s.live::float8 AS "live", s.changed AS "changed",
          current_setting('autovacuum_analyze_threshold')::float8
            + greatest(c.reltuples, 0)::float8 * current_setting('autovacuum_analyze_scale_factor')::float8 AS "trigger"
        FROM tables AS c CROSS JOIN LATERAL (SELECT coalesce(pg_stat_get_live_tuples(c.oid), 0) AS live,
            coalesce(pg_stat_get_mod_since_analyze(c.oid), 0) AS changed OFFSET 0) AS s
        WHERE c.relkind IN ('r', 'm') AND (s.changed > 0 OR s.live > 0 AND c.reltuples <= 0) AND
        """ + ownRelation + """
          ORDER BY s.changed DESC, 1 LIMIT 1000
          """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      row.neverAnalyzed
        ? row.live >= limits["analyze-rows"]
        : Double(row.changed) >= limits["stale-rows"] && Double(row.changed) > 5 * row.trigger
    }.map { row in
      finding(
        .warning, .table, row.table,
        row.neverAnalyzed
          ? "\(row.table) has about \(whole(row.live)) rows and was never analyzed"
          : "\(row.changed) rows of \(row.table) have changed since it was analyzed",
        [Figure("rows", row.live, .count), Figure("changed", row.changed)],
        remedies: [Remedy("ANALYZE \(row.table);", .shareUpdateExclusive, .scan)], since: surroundings.usageSince)
    }
  }
}
