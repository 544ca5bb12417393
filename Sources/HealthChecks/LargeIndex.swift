// Indexes with what they are used for and found in memory, the largest of them, read once for all checks of that.

import Database

/// An index that was scanned; bytes as of the last VACUUM or ANALYZE.
struct LargeIndex: Decodable, Sendable {
  let name: String
  let table: String
  let bytes: Int64
  let scans: Int64
  /// Of its table.
  let writes: Int64
  let fetched: Int64
  let hit: Int64
  /// It keeps rows from being twins, or tells a replica which is which.
  let isRule: Bool
  /// Of the keys, where a time is among several of a B-tree: their columns, empty for an expression; the types that their
  /// operator classes are for; and for each 1 where a unique index has it as its only key.
  let columns: [String]
  let types: [String]
  let identifies: [Int64]

  /// Those that cost many writes for a scan, and those from a megabyte on that are there for whoever asks how they do.
  static let question: SQL =
    """
    WITH times AS MATERIALIZED (
      SELECT array_agg(o.oid) AS oids FROM pg_opclass AS o JOIN pg_am AS m ON m.oid = o.opcmethod
      WHERE m.amname = 'btree' AND o.opcintype IN (1082, 1114, 1184)
    ), large AS MATERIALIZED (
      SELECT i.indexrelid, i.indrelid, i.indkey, i.indclass, c.relpages, s.scans, s.writes,
        i.indisunique OR i.indisexclusion OR i.indisreplident AS rule,
        CASE WHEN i.indnkeyatts > 1 AND NOT i.indisunique AND i.indclass::oid[] && (SELECT t.oids FROM times AS t)
          THEN i.indnkeyatts ELSE 0 END AS keys
      FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
      CROSS JOIN LATERAL (SELECT pg_stat_get_numscans(i.indexrelid) AS scans,
        pg_stat_get_tuples_inserted(i.indrelid) + pg_stat_get_tuples_updated(i.indrelid)
          + pg_stat_get_tuples_deleted(i.indrelid) AS writes OFFSET 0) AS s
      WHERE c.relkind = 'i' AND c.relpages >= 8 AND NOT c.relispartition AND i.indisvalid AND s.scans > 0
        AND (s.writes > s.scans * 1000 AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisreplident
          OR c.relpages >= 128) AND
    """ + ownRelation + """
        ORDER BY c.relpages DESC, c.oid LIMIT 500
      )
      SELECT l.indexrelid::regclass::text AS "name", l.indrelid::regclass::text AS "table",
        l.relpages::bigint * current_setting('block_size')::bigint AS "bytes", l.scans AS "scans", l.writes AS "writes",
        coalesce(pg_stat_get_blocks_fetched(l.indexrelid), 0) AS "fetched",
        coalesce(pg_stat_get_blocks_hit(l.indexrelid), 0) AS "hit", l.rule AS "isRule",
        ARRAY(SELECT coalesce(quote_ident(a.attname), '') FROM generate_series(0, l.keys - 1) AS k
          LEFT JOIN pg_attribute AS a ON a.attrelid = l.indrelid AND a.attnum = l.indkey[k] AND l.indkey[k] > 0
          ORDER BY k) AS "columns",
        ARRAY(SELECT o.opcintype::regtype::text FROM generate_series(0, l.keys - 1) AS k
          JOIN pg_opclass AS o ON o.oid = l.indclass[k] ORDER BY k) AS "types",
        ARRAY(SELECT EXISTS (SELECT FROM pg_index AS u WHERE u.indrelid = l.indrelid AND u.indisunique
            AND u.indnkeyatts = 1 AND u.indkey[0] = l.indkey[k])::int::bigint
          FROM generate_series(0, l.keys - 1) AS k ORDER BY k) AS "identifies"
      FROM large AS l ORDER BY l.relpages DESC, 1
      """
}
