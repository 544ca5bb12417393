// What is asked of `pg_catalog`, and the rows that come back. Asked with `pg_catalog` first on the search path.

/// One relation; sizes are those of the last VACUUM or ANALYZE.
struct RelationRow: Decodable {
  let id: RelationID
  let schema: String
  let name: String
  let kind: String
  var parent: RelationID?
  /// What it inherits from without being a partition.
  let inheritsFrom: [RelationID]
  let rowEstimate: Double
  let pages: Int64
  let isSystem: Bool
  let isUnlogged: Bool
  let fillfactor: Int
  let inserted: Int64?
  let updated: Int64?
  let hotUpdated: Int64?
  let deleted: Int64?
  let sequentialScans: Int64?
  let indexScans: Int64?

  /// Whole partition trees: up to the roots, then down again; of other inheritance what is below, as reading a table reads
  /// that as well. Before version 14 an unknown `reltuples` is 0 on 0 pages.
  static let question: SQL = """
    WITH RECURSIVE named AS (
        SELECT oid FROM pg_class WHERE relname = ANY ($1::text[]) AND relkind IN ('r', 'p', 'v', 'm', 'f')
      ), upwards AS (
        SELECT oid, relispartition FROM pg_class WHERE oid IN (SELECT oid FROM named)
        UNION
        SELECT p.oid, p.relispartition FROM upwards AS u JOIN pg_inherits AS i ON i.inhrelid = u.oid
          JOIN pg_class AS p ON p.oid = i.inhparent
        WHERE u.relispartition
      ), downwards AS (
        SELECT oid FROM upwards
        UNION
        SELECT i.inhrelid FROM downwards AS d JOIN pg_inherits AS i ON i.inhparent = d.oid
      ), locked AS MATERIALIZED (
        SELECT relation FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND pid IS DISTINCT FROM pg_backend_pid()
      )
    SELECT c.oid AS "id", n.nspname AS "schema", c.relname AS "name", c.relkind AS "kind",
      CASE WHEN c.relispartition THEN
        (SELECT i.inhparent FROM pg_inherits AS i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1)
      END AS "parent",
      CASE WHEN c.relispartition THEN ARRAY[]::oid[] ELSE
        ARRAY(SELECT i.inhparent FROM pg_inherits AS i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
      END AS "inheritsFrom",
      CASE WHEN c.reltuples = 0 AND c.relpages = 0 THEN -1 ELSE c.reltuples END AS "rowEstimate",
      c.relpages + coalesce((SELECT t.relpages FROM pg_class AS t WHERE t.oid = c.reltoastrelid), 0) AS "pages",
      c.relpersistence = 't' OR n.nspname IN ('pg_catalog', 'information_schema') OR n.nspname LIKE 'pg\\_toast%'
        OR n.nspname LIKE 'pg\\_temp\\_%' AS "isSystem",
      c.relpersistence = 'u' AS "isUnlogged",
      coalesce((SELECT o.option_value FROM pg_options_to_table(c.reloptions) AS o
        WHERE o.option_name = 'fillfactor'), '100') AS "fillfactor",
      a.n_tup_ins AS "inserted", a.n_tup_upd AS "updated", a.n_tup_hot_upd AS "hotUpdated", a.n_tup_del AS "deleted",
      a.seq_scan AS "sequentialScans", coalesce(a.idx_scan, 0) AS "indexScans"
    FROM (SELECT DISTINCT oid FROM downwards) AS d
    JOIN pg_class AS c ON c.oid = d.oid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_stat_all_tables AS a ON a.relid = c.oid
    WHERE NOT EXISTS (SELECT FROM locked AS l WHERE l.relation = c.oid)
    ORDER BY c.oid
    LIMIT 50001
    """
}

/// One column.
struct ColumnRow: Decodable {
  let relation: RelationID
  let name: String
  let number: Int
  let typeName: String
  let typeID: UInt32
  let isNotNull: Bool
  let isSortable: Bool
  let sortsByByte: Bool
  let averageWidth: Int?
  let distinctValues: Double?
  let nullFraction: Double?
  let correlation: Double?

  /// A type sorts as what it stands on sorts: a domain as its base type, an array as its elements. At the bottom there
  /// is a default btree operator class for the type itself, for one it is binary-coercible to, or for its whole kind.
  /// The server's own rule is `GetDefaultOpClass`. Byte order: the collations `C` and `POSIX`, and the built-in provider
  /// of version 17 whose collations sort by code point. `$2` holds the names of the relations: without it `pg_stats` asks
  /// for the privileges on every column of the database before it is joined.
  static let question: SQL = """
    WITH RECURSIVE wanted AS (
        SELECT a.attrelid, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attcollation,
          c.relname, c.relkind, n.nspname
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
      ), underlying AS (
        SELECT DISTINCT atttypid AS type, atttypid AS base FROM wanted
        UNION
        SELECT u.type, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
        FROM underlying AS u JOIN pg_type AS t ON t.oid = u.base
        WHERE t.typtype = 'd' OR (t.typlen = -1 AND t.typelem <> 0 AND t.typcategory = 'A')
      ), sortable AS (
        SELECT DISTINCT u.type FROM underlying AS u JOIN pg_type AS t ON t.oid = u.base
        JOIN pg_opclass AS o
          ON o.opcdefault AND o.opcmethod = (SELECT am.oid FROM pg_am AS am WHERE am.amname = 'btree')
        WHERE t.typtype <> 'd' AND NOT (t.typlen = -1 AND t.typelem <> 0 AND t.typcategory = 'A')
          AND (o.opcintype = t.oid
            OR o.opcintype = CASE t.typtype WHEN 'e' THEN 'anyenum'::regtype WHEN 'r' THEN 'anyrange'::regtype
              WHEN 'm' THEN to_regtype('anymultirange') WHEN 'c' THEN 'record'::regtype END
            OR EXISTS (SELECT FROM pg_cast AS x WHERE x.castsource = t.oid AND x.casttarget = o.opcintype
              AND x.castmethod = 'b' AND x.castcontext = 'i'))
      )
    SELECT w.attrelid AS "relation", w.attname AS "name", w.attnum AS "number",
      format_type(w.atttypid, w.atttypmod) AS "typeName", w.atttypid AS "typeID", w.attnotnull AS "isNotNull",
      EXISTS (SELECT FROM sortable WHERE sortable.type = w.atttypid) AS "isSortable",
      coalesce(CASE
        WHEN w.attcollation = 0 THEN false
        WHEN l.collprovider = 'd' THEN d.provider = 'b' OR (d.provider = 'c' AND d.datcollate IN ('C', 'POSIX'))
        ELSE l.collprovider = 'b' OR l.collcollate IN ('C', 'POSIX')
      END, false) AS "sortsByByte",
      s.avg_width AS "averageWidth", s.n_distinct AS "distinctValues", s.null_frac AS "nullFraction",
      s.correlation AS "correlation"
    FROM wanted AS w
    CROSS JOIN (
        SELECT datcollate, coalesce(to_jsonb(pg_database) ->> 'datlocprovider', 'c') AS provider
        FROM pg_database WHERE datname = current_database()
      ) AS d
    LEFT JOIN pg_collation AS l ON l.oid = w.attcollation
    LEFT JOIN pg_stats AS s ON s.schemaname = w.nspname AND s.tablename = w.relname AND s.attname = w.attname
      AND s.inherited = (w.relkind = 'p') AND s.tablename = ANY ($2::name[])
    ORDER BY w.attrelid, w.attnum
    """
}

/// The text of one view.
struct ViewRow: Decodable {
  let relation: RelationID
  let definition: String?

  static let question: SQL = """
    SELECT oid AS "relation", pg_get_viewdef(oid) AS "definition" FROM pg_class
    WHERE oid = ANY ($1::oid[]) AND relkind IN ('v', 'm')
    """
}

/// Bytes on disk now, of a table with its TOAST table, or of an index.
struct SizeRow: Decodable {
  let relation: RelationID
  let bytes: Int64?

  static let question: SQL = """
    SELECT oid AS "relation", pg_table_size(oid) AS "bytes" FROM pg_class
    WHERE oid = ANY ($1::oid[]) AND relkind IN ('r', 'm')
    UNION ALL
    SELECT indexrelid, pg_relation_size(indexrelid) FROM pg_index WHERE indrelid = ANY ($1::oid[])
    """
}
