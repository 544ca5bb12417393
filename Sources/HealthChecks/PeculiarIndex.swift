// Indexes of the rarer kinds, read in one pass for all checks that judge them.

import Database

/// A GIN or BRIN index, a B-tree on an array, or one whose predicate is a lone IS NOT NULL.
struct PeculiarIndex: Decodable, Sendable {
  let number: Int64
  let name: String
  let table: String
  let method: String
  let bytes: Int64
  let isUnique: Bool
  /// Of the keys; empty for an expression.
  let columns: [String]
  /// Types that the operator classes of the keys are for.
  let types: [String]
  /// Nothing but the columns' names is needed to build it anew.
  let isPlain: Bool
  /// A NOT NULL column that the predicate asks to be not null.
  let needlesslyAsked: String?
  /// Of the first key with the order of the rows; nil where it is not known.
  let correlation: Double?
  let hasFastUpdate: Bool
  /// BRIN that keeps one range of values for each range of blocks.
  let isOfRanges: Bool
}

extension PeculiarIndex {
  static let questions = StatisticsQuestion(question)

  /// The kinds are told by operator classes and predicates, so that no name and no page is looked at of the others. A
  /// predicate's nodes are read as PostgreSQL stores them: to have it written out takes a lock on the table.
  private static func question(_ statistics: ColumnStatistics) -> SQL {
    """
    WITH classes AS MATERIALIZED (
      SELECT o.oid, m.amname, o.opcintype FROM pg_opclass AS o JOIN pg_am AS m ON m.oid = o.opcmethod
      WHERE m.amname IN ('gin', 'brin') OR m.amname = 'btree' AND o.opcintype = 'anyarray'::regtype
    ), found AS MATERIALIZED (
      SELECT i.indexrelid, i.indrelid, i.indkey, i.indclass, i.indisunique, i.indnkeyatts, i.indnatts,
          i.indoption, i.indcollation,
        substring(i.indpred::text FROM
          '^[{]NULLTEST :arg [{]VAR :varno 1 :varattno ([0-9]+) [^{}]*[}] :nulltesttype 1 [^{}]*[}]$')::int2 AS asked
      FROM pg_index AS i WHERE i.indexrelid >= 16384 AND i.indisvalid
        AND (i.indclass[0] IN (SELECT k.oid FROM classes AS k)
        OR i.indpred IS NOT NULL AND left(i.indpred::text, 14) = '{NULLTEST :arg')
    )
    SELECT f.indexrelid::bigint AS "number", f.indexrelid::regclass::text AS "name", f.indrelid::regclass::text AS "table",
      m.amname::text AS "method", c.relpages::bigint * current_setting('block_size')::bigint AS "bytes",
      f.indisunique AS "isUnique",
      ARRAY(SELECT coalesce(quote_ident(a.attname), '') FROM generate_series(0, f.indnkeyatts - 1) AS k
        LEFT JOIN pg_attribute AS a ON a.attrelid = f.indrelid AND a.attnum = f.indkey[k] AND f.indkey[k] > 0
        ORDER BY k) AS "columns",
      ARRAY(SELECT o.opcintype::regtype::text FROM generate_series(0, f.indnkeyatts - 1) AS k
        JOIN pg_opclass AS o ON o.oid = f.indclass[k] ORDER BY k) AS "types",
      m.amname = 'btree' AND NOT f.indisunique AND f.indnatts = f.indnkeyatts AND NOT EXISTS (
        SELECT FROM generate_series(0, f.indnkeyatts - 1) AS k JOIN pg_opclass AS o ON o.oid = f.indclass[k]
        LEFT JOIN pg_attribute AS a ON a.attrelid = f.indrelid AND a.attnum = f.indkey[k] AND f.indkey[k] > 0
        WHERE NOT o.opcdefault OR f.indoption[k] <> 0 OR a.attcollation IS DISTINCT FROM f.indcollation[k]) AS "isPlain",
      (SELECT quote_ident(a.attname) FROM pg_attribute AS a WHERE a.attrelid = f.indrelid AND a.attnum = f.asked
        AND a.attnotnull) AS "needlesslyAsked", s.correlation::float8 AS "correlation",
      m.amname = 'gin' AND NOT coalesce(c.reloptions && ARRAY['fastupdate=off', 'fastupdate=false', 'fastupdate=0',
        'fastupdate=no'], false) AS "hasFastUpdate",
      EXISTS (SELECT FROM pg_opclass AS o WHERE o.oid = f.indclass[0] AND o.opcname LIKE '%minmax_ops') AS "isOfRanges"
    FROM found AS f CROSS JOIN LATERAL (SELECT x.* FROM pg_class AS x WHERE x.oid = f.indexrelid OFFSET 0) AS c
    CROSS JOIN LATERAL (SELECT x.relname, x.relnamespace FROM pg_class AS x WHERE x.oid = f.indrelid OFFSET 0) AS t
    JOIN pg_am AS m ON m.oid = c.relam JOIN pg_namespace AS n ON n.oid = t.relnamespace
    LEFT JOIN LATERAL (SELECT p.correlation FROM
    """ + statistics.relation("f.indrelid", schema: "n.nspname", name: "t.relname") + """
         AS p WHERE p.number = f.indkey[0] AND m.amname = 'brin' OFFSET 0) AS s ON true
      WHERE NOT c.relispartition AND c.relkind = 'i' AND (m.amname <> 'btree' OR f.asked IS NOT NULL
          OR f.indclass[0] IN (SELECT k.oid FROM classes AS k))
        AND c.oid >= 16384 AND c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM pg_depend AS own
          WHERE own.classid = 'pg_class'::regclass AND own.objid = c.oid AND own.deptype = 'e' OFFSET 0)
      ORDER BY c.relpages DESC, 2 LIMIT 2000
      """
  }
}
