// What is asked of `pg_index`. Asked with `pg_catalog` first on the search path.

/// One index, with a list entry for each key column.
struct IndexRow: Decodable {
  let relation: RelationID
  let id: RelationID
  let name: String
  let method: String
  let keyColumns: [String?]
  let keyTexts: [String]
  /// As `pg_index.indoption`: 1 is descending, 2 is nulls first.
  let keyOptions: [Int]
  let keyDefaults: [Bool]
  let included: [String]
  let predicate: String?
  let isUnique: Bool
  let isPrimary: Bool
  let isRequired: Bool
  let isValid: Bool
  let pages: Int64
  let scans: Int64?
  let definition: String
  /// The index of the parent table that this one is a part of.
  let parent: RelationID?

  static let question: SQL = """
    SELECT i.indrelid AS "relation", i.indexrelid AS "id", c.relname AS "name", am.amname AS "method",
      k.columns AS "keyColumns", k.texts AS "keyTexts", k.options AS "keyOptions", k.defaults AS "keyDefaults",
      ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS x(number, position)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = x.number
        WHERE x.position > i.indnkeyatts ORDER BY x.position) AS "included",
      pg_get_expr(i.indpred, i.indrelid) AS "predicate",
      i.indisunique AS "isUnique", i.indisprimary AS "isPrimary",
      i.indisreplident OR EXISTS (SELECT FROM pg_constraint AS x WHERE x.conindid = i.indexrelid) AS "isRequired",
      i.indisvalid AND i.indisready AND i.indislive AS "isValid",
      c.relpages AS "pages", pg_stat_get_numscans(i.indexrelid) AS "scans",
      pg_get_indexdef(i.indexrelid) AS "definition",
      (SELECT h.inhparent FROM pg_inherits AS h WHERE h.inhrelid = i.indexrelid LIMIT 1) AS "parent"
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_am AS am ON am.oid = c.relam
    CROSS JOIN LATERAL (
        SELECT array_agg(a.attname::text ORDER BY x.position) AS columns,
          array_agg(pg_get_indexdef(i.indexrelid, x.position::integer, true) ORDER BY x.position) AS texts,
          array_agg(x.option ORDER BY x.position) AS options,
          array_agg(coalesce(o.opcdefault, false) AND (a.attname IS NULL OR x."collation" = a.attcollation)
            ORDER BY x.position) AS defaults
        FROM unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
          WITH ORDINALITY AS x(number, class, "collation", option, position)
        LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = x.number AND x.number <> 0
        LEFT JOIN pg_opclass AS o ON o.oid = x.class
        WHERE x.position <= i.indnkeyatts
      ) AS k
    WHERE i.indrelid = ANY ($1::oid[])
    ORDER BY i.indrelid, i.indexrelid
    """
}
