// Updates that write every index anew, because the new row finds no room beside the old one or an indexed column changes.

import Database

struct ColdUpdates: HealthCheck {
  let id = "cold-updates"
  let about = CheckDescription(
    .bloat, "Updates that are not heap-only",
    why: "Each of them adds an entry to every index of the table, and VACUUM has to remove it again.",
    rule: "At least cold-updates updates, and less than half of them heap-only: info.", needs: [.primary])

  struct Row: Decodable, Sendable {
    let table: String
    let updates: Int64
    let heapOnly: Int64
    let moved: Int64?
    let fillFactor: Double
  }

  /// Since 16 the server counts updates that went to another page.
  func part(for server: ServerInfo) -> SQL? {
    let moved: SQL = server.majorVersion >= 16 ? " pg_stat_get_tuples_newpage_updated(c.oid)" : " NULL::bigint"
    return """
      SELECT c.oid::regclass::text AS "table", s.updates AS "updates", s.hot AS "heapOnly",
      """ + moved + """
         AS "moved", coalesce((SELECT split_part(o, '=', 2)::float8 FROM unnest(c.reloptions) AS o
          WHERE split_part(o, '=', 1) = 'fillfactor'), 100) AS "fillFactor"
        FROM tables AS c CROSS JOIN LATERAL (SELECT coalesce(pg_stat_get_tuples_updated(c.oid), 0) AS updates,
          coalesce(pg_stat_get_tuples_hot_updated(c.oid), 0) AS hot OFFSET 0) AS s
        WHERE c.relkind = 'r' AND c.relhasindex AND s.updates > 0 AND s.hot < s.updates / 2 AND
        """ + ownRelation + """
          ORDER BY s.updates - s.hot DESC, 1 LIMIT 200
          """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.updates) >= limits["cold-updates"] }.map { row in
      let share = Double(row.heapOnly) * 100 / Double(max(1, row.updates))
      let isFull = row.moved.map { Double($0) * 5 >= Double(row.updates) }
      var notes: [String] = []
      if isFull != true { notes.append("an index on a column that changes each time makes updates write all indexes") }
      if isFull != false {
        notes.append("a lower fillfactor leaves room beside each row; pages that are there stay full")
      }
      return finding(
        .info, .table, row.table,
        "only \(whole(share)) % of \(row.updates) updates of \(row.table) were heap-only",
        [Figure("updates", row.updates), Figure("heap_only", row.heapOnly)]
          + (row.moved.map { [Figure("to_another_page", $0)] } ?? []),
        remedies: isFull == true && row.fillFactor > 80
          ? [Remedy("ALTER TABLE \(row.table) SET (fillfactor = 80);", .shareUpdateExclusive)] : [],
        notes: notes, since: surroundings.usageSince)
    }
  }
}
