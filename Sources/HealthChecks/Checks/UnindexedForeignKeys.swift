// Foreign keys whose referencing side has no index to find the rows by.

import Database

struct UnindexedForeignKeys: HealthCheck {
  let id = "unindexed-foreign-keys"
  let about = CheckDescription(
    .indexes, "Foreign keys without an index",
    why: "Each delete or key update of a referenced row reads the whole referencing table while it holds locks.",
    rule: "No usable index begins with the referencing columns, in any order, and the table has foreign-key-rows: "
      + "notice; warning where referenced rows are deleted.")

  struct Row: Decodable, Sendable {
    let constraint: String
    let table: String
    let referenced: String
    let columns: String
    let rows: Double
    let deleted: Int64
    let isPartitioned: Bool
  }

  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { [["\(limits["foreign-key-rows"])"]] }

  /// Small tables first leave the rest little to do. A partial index does not help, a hash index of one column does;
  /// `indkey` begins at 0.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(k.conname) AS "constraint", k.conrelid::regclass::text AS "table",
      k.confrelid::regclass::text AS "referenced",
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY t.place)
        FROM unnest(k.conkey) WITH ORDINALITY AS t(number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = t.number) AS "columns",
      greatest(c.reltuples, 0)::float8 AS "rows",
      coalesce(pg_stat_get_tuples_deleted(k.confrelid), 0) AS "deleted", c.relkind = 'p' AS "isPartitioned"
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid AND greatest(c.reltuples, 0) >= $1::float8
    WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
        SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
          AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey) AND
    """ + ownRelation + """
      ORDER BY c.reltuples DESC, 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.rows >= limits["foreign-key-rows"] }.map { row in
      let remedy =
        row.isPartitioned
        ? Remedy(
          "CREATE INDEX ON \(row.table) (\(row.columns));", .share, .build, risk: "build each partition's index first")
        : Remedy(
          "CREATE INDEX CONCURRENTLY ON \(row.table) (\(row.columns));", .shareUpdateExclusive, .build,
          isTransactional: false)
      return finding(
        row.deleted > 0 ? .warning : .notice, .constraint, "\(row.table).\(row.constraint)",
        "no index on \(row.table) (\(row.columns)), which refers to \(row.referenced)",
        [
          Figure("rows", row.rows, .count), Figure("deleted_referenced_rows", row.deleted), Figure("table", row.table),
          Figure("referenced", row.referenced),
        ], remedies: [remedy],
        notes: row.deleted > 0 ? [] : ["no referenced row has been deleted since counting began"],
        since: surroundings.usageSince)
    }
  }
}
