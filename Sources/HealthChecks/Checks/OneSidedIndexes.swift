// Indexes of which nearly every entry is the same value, or NULL.

import Database

struct OneSidedIndexes: HealthCheck {
  let id = "one-sided-indexes"
  let about = CheckDescription(
    .indexes, "Indexes that tell little apart",
    why: "It is as large as the table, and only its rare values are searched.",
    rule:
      "One column, at least unused-index-bytes, and 90 % of it NULL, or at most three values of which one takes 45 %: "
      + "info. Unique and partial ones are left out.", needs: [.columnStatistics])

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let column: String
    let bytes: Int64
    let nulls: Double
    let distinct: Double
    let most: Double?
    let method: String
  }

  func question(for server: ServerInfo) -> SQL? { Self.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { Self.questions(surroundings) }

  private static let questions = StatisticsQuestion(question)

  private static func question(_ statistics: ColumnStatistics) -> SQL {
    """
    SELECT i.indexrelid::regclass::text AS "name", i.indrelid::regclass::text AS "table", quote_ident(a.attname) AS "column",
      c.relpages::bigint * current_setting('block_size')::bigint AS "bytes", s.nulls::float8 AS "nulls",
      s.values::float8 AS "distinct", s.most::float8 AS "most",
      m.amname::text AS "method"
    FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid JOIN pg_am AS m ON m.oid = c.relam
    JOIN pg_class AS t ON t.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = t.relnamespace
    CROSS JOIN LATERAL (SELECT p.* FROM
    """ + statistics.relation("i.indrelid", schema: "n.nspname", name: "t.relname") + """
         AS p WHERE p.number = i.indkey[0] OFFSET 0) AS s
      JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE c.relkind = 'i' AND c.relpages >= 8 AND i.indisvalid AND NOT i.indisunique AND i.indnatts = 1
        AND i.indpred IS NULL AND m.amname IN ('btree', 'hash') AND NOT c.relispartition
        AND (s.nulls >= 0.9 OR s.values BETWEEN 0 AND 3) AND
      """ + ownRelation + """
        ORDER BY c.relpages DESC, 1 LIMIT 500
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.bytes) >= limits["unused-index-bytes"] }.compactMap { row in
      let isEmpty = row.nulls >= 0.9
      guard isEmpty || (row.most ?? 0) >= 0.45 else { return nil }
      let share = whole((isEmpty ? row.nulls : row.most ?? 0) * 100)
      return finding(
        .info, .index, row.name,
        "\(share) % of \(row.name) on \(row.table) is \(isEmpty ? "NULL" : "one value of \(row.column)")",
        [
          Figure("bytes", row.bytes, .bytes), Figure("null_share", row.nulls * 100, .percent),
          Figure("values", row.distinct, .count),
        ],
        remedies: isEmpty
          ? [
            Remedy(
              "CREATE INDEX CONCURRENTLY ON \(row.table) USING \(row.method) (\(row.column)) WHERE \(row.column) IS NOT NULL;",
              .shareUpdateExclusive, .build, risk: "waits for older transactions", isTransactional: false),
            Remedy(
              "DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, .instant,
              risk: "queries that ask for IS NULL lose it", isTransactional: false),
          ] : [],
        notes: isEmpty
          ? [] : ["where only the rare value is searched, an index WHERE \(row.column) = … is a part of it"])
    }
  }
}
