// The question behind the lookup of types: what a value is made of, and what handling one makes the server run.

extension NameQuestions {
  /// Types by name and by OID. PostgreSQL 13 has neither multiranges nor functions for subscripts.
  static func types(on server: ServerInfo) -> SQL {
    let isNew = server.versionNumber >= 140_000
    return typeColumns + (isNew ? multirange : nothing) + typeParts + (isNew ? subscripting : nothing) + typeFunctions
  }

  private static let nothing: SQL = ""

  private static let typeColumns: SQL = """
    SELECT t.oid AS id, n.nspname AS schema, t.typname AS name,
      (SELECT e.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = t.oid AND d.deptype = 'e')
        AS extension,
      t.typtype AS kind,
      ARRAY(
        SELECT m.id FROM (
          SELECT t.typelem UNION SELECT t.typbasetype
          UNION SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE r.rngtypid = t.oid
    """

  private static let multirange: SQL = """

          UNION SELECT r.rngtypid FROM pg_catalog.pg_range AS r WHERE r.rngmultitypid = t.oid
    """

  private static let typeParts: SQL = """

          UNION SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
            WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        ) AS m(id) WHERE m.id >= 16384 ORDER BY m.id
      ) AS "madeOf",
      ARRAY(
        SELECT e.text FROM (
          -- The condition outside may be evaluated before the one below: constraints of tables are no expressions here.
          SELECT CASE WHEN c.contypid <> 0 THEN pg_catalog.pg_get_expr(c.conbin, 0) END, c.conname
            FROM pg_catalog.pg_constraint AS c
            WHERE c.contypid = t.oid AND c.conbin IS NOT NULL
        ) AS e(text, name) WHERE e.text IS NOT NULL ORDER BY e.name
      ) AS expressions,
      pg_catalog.pg_get_expr(t.typdefaultbin, 0) AS "defaultExpression",
      ARRAY(
        SELECT DISTINCT f.id FROM (
          SELECT i.id FROM pg_catalog.unnest(
            ARRAY[t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze
    """

  private static let subscripting: SQL = ", t.typsubscript"

  private static let typeFunctions: SQL = """
    ]::pg_catalog.oid[]) AS i(id)
          UNION ALL SELECT r.id FROM pg_catalog.pg_range AS g,
            pg_catalog.unnest(ARRAY[g.rngcanonical, g.rngsubdiff]::pg_catalog.oid[]) AS r(id) WHERE g.rngtypid = t.oid
          UNION ALL SELECT s.amproc::pg_catalog.oid
            FROM pg_catalog.pg_opclass AS k JOIN pg_catalog.pg_amproc AS s ON s.amprocfamily = k.opcfamily
            WHERE k.opcintype = t.oid AND k.opcdefault AND k.oid >= 16384
          UNION ALL SELECT o.oprcode::pg_catalog.oid
            FROM pg_catalog.pg_opclass AS k JOIN pg_catalog.pg_amop AS a ON a.amopfamily = k.opcfamily
            JOIN pg_catalog.pg_operator AS o ON o.oid = a.amopopr
            WHERE k.opcintype = t.oid AND k.opcdefault AND k.oid >= 16384
          UNION ALL SELECT o.oprcode::pg_catalog.oid FROM pg_catalog.pg_constraint AS c
            JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
              AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
            JOIN pg_catalog.pg_operator AS o ON o.oid = d.refobjid WHERE c.contypid = t.oid
        ) AS f(id) WHERE f.id >= 16384 ORDER BY f.id
      ) AS functions,
      t.typrelid AS relation
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typname = ANY ($1::pg_catalog.name[]) OR t.oid = ANY ($2::pg_catalog.oid[]) ORDER BY t.oid
    """
}
