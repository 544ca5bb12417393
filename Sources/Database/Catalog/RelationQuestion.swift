// The question behind the lookup of relations: what they are, and what reading and writing them makes the server run.

extension NameQuestions {
  /// Relations by name and by OID. PostgreSQL 13 has no statistics on expressions.
  static func relations(on server: ServerInfo) -> SQL {
    relationColumns + writeExpressions + readExpressions
      + (server.versionNumber >= 140_000 ? statisticsExpressions : noStatisticsExpressions) + accessFunctions
      + surroundingTables
  }

  /// A partition's copies of row triggers count as internal in PostgreSQL 13 and 14: what is somebody's function is
  /// somebody's trigger.
  private static let relationColumns: SQL = """
    SELECT c.oid AS id, n.nspname AS schema, c.relname AS name,
      (SELECT e.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
        AS extension,
      c.relkind AS kind,
      ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS "columnNames",
      ARRAY(SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS "columnTypes",
      c.reltype AS "rowType",
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
      ARRAY(SELECT pg_catalog.pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite AS r
        WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN' AND r.ev_enabled <> 'D' ORDER BY r.rulename) AS rules,
      ARRAY(
        SELECT e.text FROM pg_catalog.pg_policy AS p,
          pg_catalog.unnest(ARRAY[pg_catalog.pg_get_expr(p.polqual, p.polrelid),
            pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)]) AS e(text)
        WHERE p.polrelid = c.oid AND c.relrowsecurity AND e.text IS NOT NULL ORDER BY p.polname, e.text
      ) AS policies,
      ARRAY(SELECT DISTINCT t.tgfoid FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = c.oid AND (NOT t.tgisinternal OR t.tgfoid >= 16384) AND t.tgenabled <> 'D' ORDER BY 1)
        AS "triggerFunctions",
      ARRAY(SELECT pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = c.oid AND (NOT t.tgisinternal OR t.tgfoid >= 16384) AND t.tgenabled <> 'D'
          AND t.tgqual IS NOT NULL ORDER BY t.tgname) AS triggers,

    """

  private static let writeExpressions: SQL = """
      ARRAY(
        SELECT DISTINCT e.text FROM (
          SELECT pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c'
          UNION ALL SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d
            WHERE d.adrelid = c.oid
          UNION ALL SELECT x.text FROM pg_catalog.pg_index AS i,
            pg_catalog.unnest(ARRAY[pg_catalog.pg_get_expr(i.indexprs, i.indrelid),
              pg_catalog.pg_get_expr(i.indpred, i.indrelid)]) AS x(text)
            WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
        ) AS e(text) WHERE e.text IS NOT NULL ORDER BY e.text
      ) AS "writeExpressions",

    """

  /// The planner folds constants in the expressions of indexes and statistics when it looks at a table. From PostgreSQL
  /// 18 a generated column may be computed when it is read.
  private static let readExpressions: SQL = """
      ARRAY(
        SELECT DISTINCT e.text FROM (
          SELECT pg_catalog.pg_get_expr(p.partexprs, p.partrelid) FROM pg_catalog.pg_partitioned_table AS p
            WHERE p.partexprs IS NOT NULL AND (p.partrelid = c.oid OR c.relispartition AND p.partrelid IN (
              SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a(relid)))
          UNION ALL SELECT pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c'
          UNION ALL SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
            WHERE d.adrelid = c.oid AND a.attgenerated = 'v'
          UNION ALL SELECT x.text FROM pg_catalog.pg_index AS i,
            pg_catalog.unnest(ARRAY[pg_catalog.pg_get_expr(i.indexprs, i.indrelid),
              pg_catalog.pg_get_expr(i.indpred, i.indrelid)]) AS x(text)
            WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
              AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                  AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass,
                    'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
                  AND d.refobjid >= 16384)

    """

  private static let statisticsExpressions: SQL = """
          UNION ALL SELECT x.text FROM pg_catalog.pg_statistic_ext AS s,
            pg_catalog.unnest(pg_catalog.pg_get_statisticsobjdef_expressions(s.oid)) AS x(text)
            WHERE s.stxrelid = c.oid AND s.stxexprs IS NOT NULL
              AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND d.objid = s.oid
                  AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass,
                    'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
                  AND d.refobjid >= 16384)
        ) AS e(text) WHERE e.text IS NOT NULL ORDER BY e.text
      ) AS "readExpressions",

    """

  private static let noStatisticsExpressions: SQL = """
        ) AS e(text) WHERE e.text IS NOT NULL ORDER BY e.text
      ) AS "readExpressions",

    """

  private static let accessFunctions: SQL = """
      ARRAY(
        SELECT DISTINCT f.id FROM (
            SELECT x.id FROM pg_catalog.pg_index AS i, pg_catalog.unnest(i.indclass) AS x(id)
              WHERE i.indrelid = c.oid
            UNION ALL SELECT x.id FROM pg_catalog.pg_partitioned_table AS p, pg_catalog.unnest(p.partclass) AS x(id)
              WHERE p.partrelid = c.oid OR c.relispartition AND p.partrelid IN (
                SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a(relid))
          ) AS u(id) JOIN pg_catalog.pg_opclass AS k ON k.oid = u.id AND k.oid >= 16384,
          LATERAL (
            SELECT s.amproc::pg_catalog.oid FROM pg_catalog.pg_amproc AS s WHERE s.amprocfamily = k.opcfamily
            UNION ALL SELECT o.oprcode::pg_catalog.oid FROM pg_catalog.pg_amop AS a
              JOIN pg_catalog.pg_operator AS o ON o.oid = a.amopopr WHERE a.amopfamily = k.opcfamily
          ) AS f(id)
        WHERE f.id >= 16384
        UNION SELECT o.oprcode::pg_catalog.oid FROM pg_catalog.pg_constraint AS k,
            pg_catalog.unnest(pg_catalog.array_cat(pg_catalog.array_cat(k.conpfeqop, k.conppeqop),
              pg_catalog.array_cat(k.conffeqop, k.conexclop))) AS x(id)
          JOIN pg_catalog.pg_operator AS o ON o.oid = x.id
          WHERE k.conrelid = c.oid AND k.contype IN ('f', 'x') AND o.oprcode::pg_catalog.oid >= 16384
        -- CASE, NULLIF, IN and IS DISTINCT FROM are written out without their operator.
        UNION SELECT o.oprcode::pg_catalog.oid FROM (
            SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid FROM pg_catalog.pg_rewrite AS w
              WHERE w.ev_class = c.oid
            UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid FROM pg_catalog.pg_constraint AS k
              WHERE k.conrelid = c.oid
            UNION ALL SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid FROM pg_catalog.pg_attrdef AS a
              WHERE a.adrelid = c.oid
            UNION ALL SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid FROM pg_catalog.pg_policy AS p
              WHERE p.polrelid = c.oid
          ) AS s(class, id) JOIN pg_catalog.pg_depend AS d ON d.classid = s.class AND d.objid = s.id
            AND d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
          JOIN pg_catalog.pg_operator AS o ON o.oid = d.refobjid
          WHERE o.oprcode::pg_catalog.oid >= 16384
        ORDER BY 1
      ) AS "accessFunctions",

    """

  /// The tables whose foreign keys lead here are known by the triggers that PostgreSQL made for them, which are indexed.
  private static let surroundingTables: SQL = """
      ARRAY(SELECT h.inhrelid FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid ORDER BY h.inhrelid)
        AS children,
      ARRAY(SELECT h.inhparent FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = c.oid ORDER BY h.inhparent)
        AS parents,
      ARRAY(SELECT k.confrelid FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'f'
        UNION SELECT k.conrelid FROM pg_catalog.pg_trigger AS t
          JOIN pg_catalog.pg_constraint AS k ON k.oid = t.tgconstraint
          WHERE t.tgrelid = c.oid AND k.confrelid = c.oid AND k.contype = 'f' ORDER BY 1) AS "keyNeighbours",
      ARRAY(SELECT a.attname FROM pg_catalog.pg_constraint AS k
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
        WHERE k.conrelid = c.oid AND k.contype = 'p' ORDER BY a.attnum) AS "primaryKey",
      ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped ORDER BY a.attnum)
        AS "generatedNames",
      ARRAY(SELECT DISTINCT k.text FROM pg_catalog.pg_partitioned_table AS p, LATERAL (
          SELECT pg_catalog.quote_ident(a.attname) FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs) AND a.attnum > 0
          UNION ALL SELECT 'ROW(' || pg_catalog.pg_get_expr(p.partexprs, p.partrelid) || ')'
            WHERE p.partexprs IS NOT NULL) AS k (text)
        WHERE p.partrelid = c.oid OR c.relispartition AND p.partrelid IN (
          SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a(relid)) ORDER BY k.text)
        AS "partitionKeys",
      ARRAY(SELECT COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') FROM pg_catalog.pg_attribute AS a
          LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped ORDER BY a.attnum)
        AS "generatedExpressions",
      ARRAY(SELECT DISTINCT k.conrelid FROM pg_catalog.pg_trigger AS t
        JOIN pg_catalog.pg_constraint AS k ON k.oid = t.tgconstraint
        WHERE t.tgrelid = c.oid AND k.confrelid = c.oid AND k.contype = 'f'
          AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd')) ORDER BY 1) AS cascades,
      s.srvname AS "foreignServer", w.fdwname AS "foreignWrapper"
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_foreign_table AS f ON f.ftrelid = c.oid
      LEFT JOIN pg_catalog.pg_foreign_server AS s ON s.oid = f.ftserver
      LEFT JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
    WHERE c.relname = ANY ($1::pg_catalog.name[]) OR c.oid = ANY ($2::pg_catalog.oid[]) ORDER BY c.oid
    """
}
