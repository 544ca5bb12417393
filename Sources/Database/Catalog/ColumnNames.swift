// Every column of every table and view that is somebody's own, by name and type.

/// A column as a name.
package struct NamedColumn: Sendable, Equatable, Decodable {
  package var schema: String
  package var table: String
  package var column: String
  package var type: String
  /// `schema.table` of what the table is a child or partition of, at any distance.
  package var ancestors: [String]
  /// Of a view: `schema.table` of what it reads, at any distance.
  package var reads: [String]

  package init(
    schema: String, table: String, column: String, type: String, ancestors: [String] = [], reads: [String] = []
  ) {
    self.reads = reads
    self.schema = schema
    self.table = table
    self.column = column
    self.type = type
    self.ancestors = ancestors
  }
}

extension Session {
  /// Tables, views, materialized views and foreign tables outside of the system's schemas, 100,000 columns at most.
  package func namedColumns() async throws(DatabaseError) -> [NamedColumn] {
    try await rows(
      """
      WITH RECURSIVE above(id, parent) AS (
        SELECT h.inhrelid, h.inhparent FROM pg_catalog.pg_inherits AS h
        UNION SELECT a.id, h.inhparent FROM above AS a JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.parent
      ), behind(id, base) AS (
        SELECT w.ev_class, d.refobjid FROM pg_catalog.pg_rewrite AS w JOIN pg_catalog.pg_depend AS d ON d.objid = w.oid
          AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
        UNION SELECT b.id, d.refobjid FROM behind AS b JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = b.base
          JOIN pg_catalog.pg_depend AS d ON d.objid = w.oid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
      )
      SELECT n.nspname AS schema, c.relname AS "table", a.attname AS "column",
        pg_catalog.format_type(a.atttypid, NULL) AS type,
        ARRAY(SELECT pn.nspname || '.' || p.relname FROM above AS b JOIN pg_catalog.pg_class AS p ON p.oid = b.parent
          JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace WHERE b.id = c.oid ORDER BY 1) AS ancestors,
        CASE WHEN c.relkind IN ('v', 'm') THEN ARRAY(SELECT pn.nspname || '.' || p.relname FROM behind AS b
          JOIN pg_catalog.pg_class AS p ON p.oid = b.base
          JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace WHERE b.id = c.oid ORDER BY 1)
          ELSE '{}' END AS reads
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      ORDER BY n.nspname, c.relname, a.attnum LIMIT 100000
      """)
  }
}
