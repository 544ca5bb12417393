// The question behind the lookup of relations: what they are, and what reading and writing them makes the server run.

extension NameQuestions {
  /// Relations by name and by OID. From PostgreSQL 18 a generated column may be computed when it is read.
  static func relations(on server: ServerInfo) -> SQL {
    relationColumns + expressions + (server.versionNumber >= 140_000 ? statistics : noStatistics) + surroundingTables
  }

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
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
      ARRAY(SELECT pg_catalog.pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite AS r
        WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN' AND r.ev_enabled <> 'D' ORDER BY r.rulename) AS rules,
      ARRAY(
        SELECT e.text FROM pg_catalog.pg_policy AS p,
          pg_catalog.unnest(ARRAY[pg_catalog.pg_get_expr(p.polqual, p.polrelid),
            pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)]) AS e(text)
        WHERE p.polrelid = c.oid AND c.relrowsecurity AND e.text IS NOT NULL ORDER BY p.polname, e.text
      ) AS policies,
      ARRAY(SELECT t.tgfoid FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' ORDER BY t.tgname) AS "triggerFunctions",
      ARRAY(SELECT pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgqual IS NOT NULL
        ORDER BY t.tgname) AS triggers,

    """

  private static let expressions: SQL = """
      ARRAY(
        SELECT e.text FROM (
          SELECT pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conbin IS NOT NULL
          UNION SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d
            WHERE d.adrelid = c.oid
          UNION SELECT pg_catalog.pg_get_expr(i.indexprs, i.indrelid) FROM pg_catalog.pg_index AS i
            WHERE i.indrelid = c.oid AND i.indexprs IS NOT NULL
          UNION SELECT pg_catalog.pg_get_expr(i.indpred, i.indrelid) FROM pg_catalog.pg_index AS i
            WHERE i.indrelid = c.oid AND i.indpred IS NOT NULL
        ) AS e(text) WHERE e.text IS NOT NULL ORDER BY e.text
      ) AS "writeExpressions",
      ARRAY(
        SELECT e.text FROM (
          SELECT pg_catalog.pg_get_expr(p.partexprs, p.partrelid) FROM pg_catalog.pg_partitioned_table AS p
            WHERE p.partexprs IS NOT NULL
              AND (p.partrelid = c.oid
                OR c.relispartition AND p.partrelid IN (
                  SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a(relid)))
          UNION SELECT pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conbin IS NOT NULL
              AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = c.oid)
          UNION SELECT pg_catalog.pg_get_expr(i.indexprs, i.indrelid) FROM pg_catalog.pg_index AS i
            WHERE i.indrelid = c.oid AND i.indexprs IS NOT NULL
          UNION SELECT pg_catalog.pg_get_expr(i.indpred, i.indrelid) FROM pg_catalog.pg_index AS i
            WHERE i.indrelid = c.oid AND i.indpred IS NOT NULL
          UNION SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
            WHERE d.adrelid = c.oid AND a.attgenerated = 'v'

    """

  /// Extended statistics on expressions, whose constants are folded whenever the table is planned.
  private static let statistics: SQL = """
          UNION SELECT e.text FROM pg_catalog.pg_statistic_ext AS x,
            pg_catalog.unnest(pg_catalog.pg_get_statisticsobjdef_expressions(x.oid)) AS e(text)
            WHERE x.stxrelid = c.oid
        ) AS e(text) WHERE e.text IS NOT NULL ORDER BY e.text
      ) AS "readExpressions",

    """

  private static let noStatistics: SQL = """
        ) AS e(text) WHERE e.text IS NOT NULL ORDER BY e.text
      ) AS "readExpressions",

    """

  private static let surroundingTables: SQL = """
      ARRAY(
        SELECT f.id FROM (
          SELECT k.id FROM pg_catalog.pg_index AS i, pg_catalog.unnest(i.indclass) AS k(id) WHERE i.indrelid = c.oid
          UNION SELECT k.id FROM pg_catalog.pg_partitioned_table AS p, pg_catalog.unnest(p.partclass) AS k(id)
            WHERE p.partrelid = c.oid
              OR c.relispartition AND p.partrelid IN (
                  SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a(relid))
        ) AS used(id)
        JOIN pg_catalog.pg_opclass AS o ON o.oid = used.id AND o.oid >= 16384,
        LATERAL (
          SELECT s.amproc::pg_catalog.oid FROM pg_catalog.pg_amproc AS s WHERE s.amprocfamily = o.opcfamily
          UNION SELECT q.oprcode::pg_catalog.oid FROM pg_catalog.pg_amop AS a
            JOIN pg_catalog.pg_operator AS q ON q.oid = a.amopopr WHERE a.amopfamily = o.opcfamily
        ) AS f(id)
        WHERE f.id >= 16384 GROUP BY f.id ORDER BY f.id
      ) AS "accessFunctions",
      ARRAY(SELECT h.inhrelid FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid ORDER BY h.inhrelid)
        AS children,
      ARRAY(SELECT DISTINCT k.conrelid FROM pg_catalog.pg_constraint AS k
        WHERE k.confrelid = c.oid AND k.contype = 'f'
          AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd')) ORDER BY 1) AS cascades,
      (SELECT s.srvname FROM pg_catalog.pg_foreign_table AS f
        JOIN pg_catalog.pg_foreign_server AS s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid) AS "foreignServer"
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = ANY ($1::pg_catalog.name[]) OR c.oid = ANY ($2::pg_catalog.oid[]) ORDER BY c.oid
    """
}
