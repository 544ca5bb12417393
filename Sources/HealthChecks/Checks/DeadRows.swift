// Tables full of rows that are dead and not yet removed.

import Database

struct DeadRows: HealthCheck {
  let id = "dead-rows"
  let about = CheckDescription(
    .vacuum, "Dead rows that VACUUM has not removed", why: "Every scan reads them, and their space is not used again.",
    rule:
      "At least dead-rows and dead-percent of the table or of its TOAST, and more than its own trigger of autovacuum: "
      + "warning.", surveys: .deadRows)

  struct Row: Decodable, Sendable {
    let table: String
    let dead: Int64
    let live: Int64
    let trigger: Double
    /// Among its values out of line.
    let isToast: Bool
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", c.dead AS "dead", coalesce(pg_stat_get_live_tuples(x.oid), 0) AS "live",
      c.toast AS "isToast",
      coalesce((SELECT split_part(r.o, '=', 2)::float8 FROM unnest(x.reloptions) AS r(o)
          WHERE split_part(r.o, '=', 1) = 'autovacuum_vacuum_threshold'),
        current_setting('autovacuum_vacuum_threshold')::float8)
      + greatest(x.reltuples, 0)::float8
        * coalesce((SELECT split_part(r.o, '=', 2)::float8 FROM unnest(x.reloptions) AS r(o)
            WHERE split_part(r.o, '=', 1) = 'autovacuum_vacuum_scale_factor'),
          current_setting('autovacuum_vacuum_scale_factor')::float8) AS "trigger"
    FROM (
      SELECT r.oid, r.relpersistence, v.rel, v.toast, s.dead
      FROM tables AS r CROSS JOIN LATERAL (VALUES (r.oid, false), (r.reltoastrelid, true)) AS v(rel, toast)
      CROSS JOIN LATERAL (SELECT CASE v.rel WHEN 0 THEN 0 ELSE coalesce(pg_stat_get_dead_tuples(v.rel), 0) END AS dead
        OFFSET 0) AS s
      WHERE r.relkind IN ('r', 'm') AND r.oid >= 16384 AND s.dead > 0 ORDER BY s.dead DESC, r.oid LIMIT 1000
    ) AS c JOIN tables AS x ON x.oid = c.rel
    WHERE
    """ + ownRelation + """
      ORDER BY c.dead DESC, 1, 4
      """
  }

  func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool {
    surroundings.survey.mostDeadRows.map { Double($0) < limits["dead-rows"] } ?? false
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    // A table is vacuumed together with its TOAST: what has more dead rows stands for both.
    var seen: Set<String> = []
    return rows.filter { row in
      let share = Double(row.dead) * 100 / max(1, Double(row.dead) + Double(row.live))
      return Double(row.dead) >= limits["dead-rows"] && share >= limits["dead-percent"]
        && Double(row.dead) > row.trigger && seen.insert(row.table).inserted
    }.map { row in
      finding(
        .warning, .table, row.table,
        row.isToast
          ? "the TOAST of \(row.table) has \(row.dead) dead pieces beside \(row.live) live ones"
          : "\(row.table) has \(row.dead) dead rows beside \(row.live) live ones",
        [Figure("dead", row.dead), Figure("live", row.live), Figure("trigger", row.trigger, .count)],
        remedies: [Remedy("VACUUM \(row.table);", .shareUpdateExclusive, .scan, isTransactional: false)],
        notes: ["first see xmin-horizon: while something holds it back VACUUM removes nothing"],
        since: surroundings.usageSince)
    }
  }
}
