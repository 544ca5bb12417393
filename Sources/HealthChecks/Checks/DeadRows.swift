// Tables full of rows that are dead and not yet removed.

import Database

struct DeadRows: HealthCheck {
  let id = "dead-rows"
  let about = CheckDescription(
    .vacuum, "Dead rows that VACUUM has not removed", why: "Every scan reads them, and their space is not used again.",
    rule:
      "At least dead-rows and dead-percent of the table, and more than the table's own trigger of autovacuum: warning.")

  struct Row: Decodable, Sendable {
    let table: String
    let dead: Int64
    let live: Int64
    let trigger: Double
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", s.dead AS "dead", coalesce(pg_stat_get_live_tuples(c.oid), 0) AS "live",
      coalesce((SELECT split_part(r.o, '=', 2)::float8 FROM unnest(c.reloptions) AS r(o)
          WHERE split_part(r.o, '=', 1) = 'autovacuum_vacuum_threshold'),
        current_setting('autovacuum_vacuum_threshold')::float8)
      + greatest(c.reltuples, 0)::float8
        * coalesce((SELECT split_part(r.o, '=', 2)::float8 FROM unnest(c.reloptions) AS r(o)
            WHERE split_part(r.o, '=', 1) = 'autovacuum_vacuum_scale_factor'),
          current_setting('autovacuum_vacuum_scale_factor')::float8) AS "trigger"
    FROM pg_class AS c CROSS JOIN LATERAL (SELECT coalesce(pg_stat_get_dead_tuples(c.oid), 0) AS dead OFFSET 0) AS s
    WHERE c.relkind IN ('r', 'm') AND c.relpages >= 0 AND s.dead > 0 AND
    """ + ownRelation + """
      ORDER BY s.dead DESC, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      let share = Double(row.dead) * 100 / max(1, Double(row.dead) + Double(row.live))
      return Double(row.dead) >= limits["dead-rows"] && share >= limits["dead-percent"]
        && Double(row.dead) > row.trigger
    }.map { row in
      finding(
        .warning, .table, row.table, "\(row.table) has \(row.dead) dead rows beside \(row.live) live ones",
        [Figure("dead", row.dead), Figure("live", row.live), Figure("trigger", row.trigger, .count)],
        remedies: [Remedy("VACUUM \(row.table);", .shareUpdateExclusive, .scan, isTransactional: false)],
        notes: ["first see xmin-horizon: while something holds it back VACUUM removes nothing"],
        since: surroundings.usageSince)
    }
  }
}
