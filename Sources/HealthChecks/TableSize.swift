// The largest tables, with how wide their rows are, read once for the checks of bloat and of wide rows.

import Database

/// A table or materialized view of at least a megabyte, as statistics have it.
struct TableSize: Decodable, Sendable {
  let number: Int64
  let table: String
  let pages: Int64
  let tuples: Double
  /// Of an average row in the table itself, without its header; nil where nothing is known.
  let width: Double?
  /// None of a table that is too small for them to matter.
  let columns: Int64
  let isNullable: Bool
  /// Storage parameters: `fillfactor=70`.
  let options: [String]?
  let hasAllColumns: Bool
  let blockSize: Double

  var fillFactor: Double {
    options?.lazy.filter { $0.hasPrefix("fillfactor=") }.compactMap { Double($0.dropFirst(11)) }.first ?? 100
  }

  /// Thresholds of autovacuum that are the table's own, or none at all.
  var hasOwnVacuum: Bool {
    options?.contains { $0.hasPrefix("autovacuum_vacuum_") || $0.hasPrefix("autovacuum_enabled=") } ?? false
  }

  /// What the question is asked with: the bytes from which a table's columns are looked at. Below, no check would say
  /// anything of them: they are none.
  static func values(_ limits: Limits) -> [[String?]] {
    [[String(Int64(max(0, min(limits["bloat-bytes"], limits["wide-table-bytes"], 9e18))))]]
  }

  static let questions = StatisticsQuestion(question)

  private static func question(_ statistics: ColumnStatistics) -> SQL {
    """
    SELECT c.oid::bigint AS "number", c.oid::regclass::text AS "table", c.relpages::bigint AS "pages",
      c.reltuples::float8 AS "tuples", w.width AS "width", w.columns AS "columns", w.nullable AS "isNullable",
      w.known = w.columns AS "hasAllColumns",
      c.reloptions AS "options",
      current_setting('block_size')::float8 AS "blockSize"
    FROM (
      SELECT c.oid, c.relname, c.relpages, c.reltuples, c.reloptions,
        (SELECT n.nspname FROM pg_namespace AS n WHERE n.oid = c.relnamespace) AS nspname
      FROM pg_class AS c WHERE c.relkind IN ('r', 'm') AND c.relpages >= 128 AND c.reltuples >= 0
        AND c.relam = (SELECT a.oid FROM pg_am AS a WHERE a.amname = 'heap') AND
    """ + ownRelation + statistics.readable("c.oid") + """
        ORDER BY c.relpages DESC, c.oid LIMIT 1000
      ) AS c CROSS JOIN LATERAL (
        SELECT sum((1 - s.nulls) * s.width)::float8 AS width, count(*) AS columns,
          coalesce(bool_or(s.nulls > 0), false) AS nullable, count(s.nulls) AS known
        FROM pg_attribute AS a
      """ + statistics.widths("c.oid", schema: "c.nspname", name: "c.relname") + """
          WHERE c.relpages::bigint * current_setting('block_size')::bigint >= $1::bigint
            AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS w
        ORDER BY c.relpages DESC, 2
        """
  }
}
