// The questions behind name lookup: one statement for each kind of object, asked under a search path of `pg_catalog`
// alone, so that PostgreSQL writes every definition with qualified names.

enum NameQuestions {
  static let surroundings: SQL = """
    SELECT pg_catalog.current_schemas(true) AS path,
      pg_catalog.current_setting('server_version_num') AS version,
      ARRAY(SELECT t.evtfoid FROM pg_catalog.pg_event_trigger AS t WHERE t.evtenabled <> 'D' ORDER BY t.oid) AS triggers
    """

  static let casts: SQL = """
    SELECT c.castsource AS source, c.casttarget AS target, c.castfunc AS function, c.castcontext AS context
    FROM pg_catalog.pg_cast AS c WHERE c.oid >= 16384 ORDER BY c.oid
    """

  /// Default operator classes that somebody made for built-in types: sorting, grouping and comparing call them unasked.
  static let operatorClasses: SQL = """
    SELECT t.oid AS type, t.typarray AS "arrayType",
      ARRAY(
        SELECT f.id FROM pg_catalog.pg_opclass AS k,
          LATERAL (
            SELECT s.amproc::pg_catalog.oid FROM pg_catalog.pg_amproc AS s WHERE s.amprocfamily = k.opcfamily
            UNION SELECT q.oprcode::pg_catalog.oid FROM pg_catalog.pg_amop AS a
              JOIN pg_catalog.pg_operator AS q ON q.oid = a.amopopr WHERE a.amopfamily = k.opcfamily
          ) AS f(id)
        WHERE k.opcintype = t.oid AND k.opcdefault AND k.oid >= 16384 AND f.id >= 16384 GROUP BY f.id ORDER BY f.id
      ) AS functions
    FROM pg_catalog.pg_type AS t
    WHERE t.oid IN (
      SELECT k.opcintype FROM pg_catalog.pg_opclass AS k
      WHERE k.oid >= 16384 AND k.opcdefault AND k.opcintype < 16384)
    ORDER BY t.oid
    """

  /// Functions by name and by OID.
  static func functions(on server: ServerInfo) -> SQL {
    functionColumns + (server.versionNumber >= 140_000 ? standardBody : noStandardBody) + functionRows
  }

  private static let functionColumns: SQL = """
    SELECT p.oid AS id, n.nspname AS schema, p.proname AS name,
      (SELECT e.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
        AS extension,
      p.prokind AS kind, p.provolatile AS volatility, l.lanname AS language, p.prosecdef AS "isSecurityDefiner",
      p.proacl IS NULL OR EXISTS (
        SELECT FROM pg_catalog.aclexplode(p.proacl) AS a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE'
      ) AS "isPublic",
      ARRAY(SELECT a.type FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY AS a(type, place) ORDER BY a.place)
        AS "argumentTypes",
      ARRAY(
        SELECT COALESCE(a.name, '') FROM pg_catalog.unnest(p.proargnames) WITH ORDINALITY AS a(name, place)
        WHERE p.proargmodes IS NULL OR p.proargmodes[a.place] IN ('i', 'b', 'v') ORDER BY a.place
      ) AS "argumentNames",
      ARRAY(SELECT a.name FROM pg_catalog.unnest(p.proargnames) WITH ORDINALITY AS a(name, place)
        WHERE a.name <> '' ORDER BY a.place) AS "allArgumentNames",
      p.pronargdefaults AS "defaultCount", pg_catalog.pg_get_expr(p.proargdefaults, 0) AS defaults,
      p.provariadic AS "variadicType", p.prorettype AS "returnType", p.proretset AS "returnsSet",
      COALESCE(p.proconfig, '{}') AS settings,
      CASE WHEN p.oid >= 16384 AND l.lanname IN ('sql', 'plpgsql', 'internal') THEN p.prosrc END AS body,
      COALESCE((
        SELECT pg_catalog.array_remove(
          ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn,
            a.aggminvtransfn, a.aggmfinalfn]::pg_catalog.oid[], 0::pg_catalog.oid)
        FROM pg_catalog.pg_aggregate AS a WHERE a.aggfnoid = p.oid), '{}') AS parts,
      pg_catalog.concat(n.nspname, '.', p.proname, '(', pg_catalog.pg_get_function_identity_arguments(p.oid), ')')
        AS signature,
    """

  private static let standardBody: SQL = """
     pg_catalog.pg_get_function_sqlbody(p.oid) AS "standardBody"
    """

  private static let noStandardBody: SQL = """
     NULL AS "standardBody"
    """

  private static let functionRows: SQL = """

    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE p.proname = ANY ($1::pg_catalog.name[]) OR p.oid = ANY ($2::pg_catalog.oid[])
    ORDER BY p.oid
    """

  static let operators: SQL = """
    SELECT o.oid AS id, n.nspname AS schema, o.oprname AS name,
      (SELECT e.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.objid = o.oid AND d.deptype = 'e')
        AS extension,
      o.oprleft AS "leftType", o.oprright AS "rightType", o.oprresult AS "resultType",
      o.oprcode::pg_catalog.oid AS function,
      pg_catalog.array_remove(ARRAY[o.oprrest::pg_catalog.oid, o.oprjoin::pg_catalog.oid], 0::pg_catalog.oid)
        AS estimators
    FROM pg_catalog.pg_operator AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE o.oprname = ANY ($1::pg_catalog.name[]) ORDER BY o.oid
    """

  /// Types by name and by OID. An array type's functions are the server's own.
  static let types: SQL = """
    SELECT t.oid AS id, n.nspname AS schema, t.typname AS name,
      (SELECT e.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = t.oid AND d.deptype = 'e')
        AS extension,
      t.typtype AS kind,
      ARRAY(
        SELECT m.id FROM (
          SELECT t.typelem UNION SELECT t.typbasetype
          UNION SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE r.rngtypid = t.oid
          UNION SELECT pg_catalog.pg_type.typelem FROM pg_catalog.pg_type WHERE pg_type.oid = t.typbasetype
          UNION SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
            WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        ) AS m(id) WHERE m.id >= 16384 ORDER BY m.id
      ) AS "madeOf",
      ARRAY(SELECT pg_catalog.pg_get_expr(c.conbin, 0) FROM pg_catalog.pg_constraint AS c
        WHERE c.contypid = t.oid AND c.conbin IS NOT NULL ORDER BY c.conname) AS expressions,
      ARRAY(
        SELECT f.id FROM (
          SELECT i.id FROM pg_catalog.unnest(
            ARRAY[t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze]
              ::pg_catalog.oid[]) AS i(id)
          UNION SELECT r.id FROM pg_catalog.pg_range AS g,
            pg_catalog.unnest(ARRAY[g.rngcanonical, g.rngsubdiff]::pg_catalog.oid[]) AS r(id) WHERE g.rngtypid = t.oid
          UNION SELECT s.amproc::pg_catalog.oid FROM pg_catalog.pg_opclass AS k
            JOIN pg_catalog.pg_amproc AS s ON s.amprocfamily = k.opcfamily
            WHERE k.opcintype = t.oid AND k.opcdefault AND k.oid >= 16384
          UNION SELECT q.oprcode::pg_catalog.oid FROM pg_catalog.pg_opclass AS k
            JOIN pg_catalog.pg_amop AS a ON a.amopfamily = k.opcfamily
            JOIN pg_catalog.pg_operator AS q ON q.oid = a.amopopr
            WHERE k.opcintype = t.oid AND k.opcdefault AND k.oid >= 16384
        ) AS f(id) WHERE f.id >= 16384 ORDER BY f.id
      ) AS functions,
      t.typrelid AS relation
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typname = ANY ($1::pg_catalog.name[]) OR t.oid = ANY ($2::pg_catalog.oid[]) ORDER BY t.oid
    """
}
