// The questions behind name lookup: one statement for each kind of object, asked under a search path of `pg_catalog`
// alone, so that PostgreSQL writes every definition with qualified names.

enum NameQuestions {
  /// Asked under the session's own search path, where somebody's operator might be meant unless it is said whose.
  static let surroundings: SQL = """
    SELECT pg_catalog.current_schemas(true) AS path,
      pg_catalog.current_setting('server_version_num') AS version,
      ARRAY(SELECT t.evtfoid FROM pg_catalog.pg_event_trigger AS t
        WHERE t.evtenabled OPERATOR(pg_catalog.<>) 'D' ORDER BY t.oid) AS triggers,
      ARRAY(SELECT c.contypid FROM pg_catalog.pg_constraint AS c
        WHERE c.contypid OPERATOR(pg_catalog.>) 0 AND c.contypid OPERATOR(pg_catalog.<) 16384
          AND c.oid OPERATOR(pg_catalog.>=) 16384 GROUP BY c.contypid ORDER BY c.contypid) AS "alteredTypes"
    """

  static let casts: SQL = """
    SELECT c.castsource AS source, c.casttarget AS target, c.castfunc AS function, c.castcontext AS context
    FROM pg_catalog.pg_cast AS c WHERE c.oid OPERATOR(pg_catalog.>=) 16384 ORDER BY c.oid
    """

  /// Default operator classes that somebody made for built-in types: sorting, grouping and comparing call them unasked.
  static let operatorClasses: SQL = """
    SELECT t.oid AS type, t.typarray AS "arrayType",
      ARRAY(
        SELECT f.id FROM pg_catalog.pg_opclass AS k,
          LATERAL (
            SELECT s.amproc::pg_catalog.oid FROM pg_catalog.pg_amproc AS s
              WHERE s.amprocfamily OPERATOR(pg_catalog.=) k.opcfamily
            UNION ALL SELECT q.oprcode::pg_catalog.oid FROM pg_catalog.pg_amop AS a
              JOIN pg_catalog.pg_operator AS q ON q.oid OPERATOR(pg_catalog.=) a.amopopr
              WHERE a.amopfamily OPERATOR(pg_catalog.=) k.opcfamily
          ) AS f(id)
        WHERE k.opcintype OPERATOR(pg_catalog.=) t.oid AND k.opcdefault AND k.oid OPERATOR(pg_catalog.>=) 16384
          AND f.id OPERATOR(pg_catalog.>=) 16384 GROUP BY f.id ORDER BY f.id
      ) AS functions
    FROM pg_catalog.pg_type AS t
    WHERE EXISTS (
      SELECT FROM pg_catalog.pg_opclass AS k
      WHERE k.opcintype OPERATOR(pg_catalog.=) t.oid AND k.opcdefault AND k.oid OPERATOR(pg_catalog.>=) 16384)
      AND t.oid OPERATOR(pg_catalog.<) 16384
    ORDER BY t.oid
    """

  /// Functions by name and by OID.
  static func functions(on server: ServerInfo) -> SQL {
    functionColumns + (server.versionNumber >= 140_000 ? standardBody : noStandardBody) + functionRows
  }

  /// In a signature only names that are no plain words are quoted: keywords need it nowhere behind a dot.
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
      p.provariadic AS "variadicType", p.prorettype AS "returnType",
      ARRAY(SELECT DISTINCT a.type FROM pg_catalog.unnest(p.proallargtypes) AS a(type)
        WHERE a.type >= 16384 ORDER BY a.type) AS "allTypes",
      p.proretset AS "returnsSet",
      COALESCE(p.proconfig, '{}') AS settings,
      CASE WHEN l.lanname IN ('sql', 'plpgsql') OR p.oid >= 16384 AND l.lanname = 'internal' THEN p.prosrc END AS body,
      COALESCE((
        SELECT pg_catalog.array_remove(
          ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn,
            a.aggminvtransfn, a.aggmfinalfn]::pg_catalog.oid[], 0::pg_catalog.oid)
        FROM pg_catalog.pg_aggregate AS a WHERE a.aggfnoid = p.oid),
        ARRAY(
          SELECT DISTINCT o.oprcode::pg_catalog.oid FROM pg_catalog.pg_depend AS d
            JOIN pg_catalog.pg_operator AS o ON o.oid = d.refobjid
          WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
            AND d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass ORDER BY 1)) AS parts,
      pg_catalog.concat(
        CASE WHEN n.nspname ~ '^[a-z_][a-z0-9_$]*$' THEN n.nspname ELSE pg_catalog.quote_ident(n.nspname) END, '.',
        CASE WHEN p.proname ~ '^[a-z_][a-z0-9_$]*$' THEN p.proname ELSE pg_catalog.quote_ident(p.proname) END,
        '(', pg_catalog.oidvectortypes(p.proargtypes), ')') AS signature,
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
        AS estimators,
      ARRAY(
        SELECT r.oprcode::pg_catalog.oid FROM pg_catalog.pg_operator AS r
          WHERE r.oid IN (o.oprcom, o.oprnegate) AND r.oprcode::pg_catalog.oid >= 16384
        -- Sorting, merging and hashing call the functions of the families that an operator belongs to.
        UNION SELECT s.amproc::pg_catalog.oid FROM pg_catalog.pg_amop AS a
          JOIN pg_catalog.pg_amproc AS s ON s.amprocfamily = a.amopfamily
          WHERE a.amopopr = o.oid AND o.oid >= 16384 AND s.amproc::pg_catalog.oid >= 16384
        ORDER BY 1) AS partners
    FROM pg_catalog.pg_operator AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE o.oprname = ANY ($1::pg_catalog.name[]) ORDER BY o.oid
    """
}
