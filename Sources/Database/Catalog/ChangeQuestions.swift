// What is asked of the catalog about relations that a statement is to change. Asked with `pg_catalog` first on the path.

enum ChangeQuestions {
  /// Schemas (NULL where a name has none), names and the session's path are bound. Sizes are those of the last VACUUM,
  /// whole inheritance trees together: nothing here waits for a lock.
  static let relations: SQL = """
    WITH RECURSIVE wanted AS (
        SELECT w.schema, w.name, w.place
        FROM ROWS FROM (unnest($1::text[]), unnest($2::text[])) WITH ORDINALITY AS w(schema, name, place)
      ), named AS (
        SELECT w.place, (SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relname = w.name AND (n.nspname = w.schema
            OR w.schema IS NULL AND (n.nspname = ANY ($3::text[]) OR n.oid = pg_my_temp_schema()))
          ORDER BY array_position($3::text[], n.nspname::text) LIMIT 1) AS id
        FROM wanted AS w
      ), tree AS (
        SELECT DISTINCT id AS root, id AS member FROM named WHERE id IS NOT NULL
        UNION
        SELECT t.root, i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.member
      ), total AS (
        SELECT t.root, count(*) - 1 AS children,
          sum(m.relpages + coalesce(o.relpages, 0) + coalesce((SELECT sum(x.relpages) FROM pg_index AS i
            JOIN pg_class AS x ON x.oid = i.indexrelid WHERE i.indrelid = m.oid), 0)) AS pages,
          sum(CASE WHEN m.relkind IN ('r', 'm', 'f') AND (m.reltuples > 0 OR m.relpages > 0
            OR m.reltuples = 0 AND current_setting('server_version_num')::integer >= 140000)
            THEN m.reltuples END) AS rows,
          sum(coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0)) AS scans,
          sum(coalesce(s.n_tup_ins, 0) + coalesce(s.n_tup_upd, 0) + coalesce(s.n_tup_del, 0)) AS writes,
          sum(CASE WHEN m.relkind IN ('r', 'm') THEN coalesce(s.n_live_tup, 0) END) AS live
        FROM tree AS t JOIN pg_class AS m ON m.oid = t.member LEFT JOIN pg_class AS o ON o.oid = m.reltoastrelid
          LEFT JOIN pg_stat_all_tables AS s ON s.relid = m.oid
        GROUP BY t.root
      )
    SELECT f.place - 1 AS "place", c.oid AS "id", n.nspname AS "schema", c.relname AS "name", c.relkind AS "kind",
      c.relpersistence AS "persistence", coalesce(pg_relation_filenode(c.oid), 0) AS "file",
      CASE WHEN c.relkind IN ('i', 'I') THEN (SELECT i.indrelid FROM pg_index AS i WHERE i.indexrelid = c.oid)
      END AS "tableID",
      (SELECT i.inhparent FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND c.relispartition LIMIT 1) AS "parentID",
      t.children AS "children", t.pages::bigint AS "pages", t.rows::double precision AS "rows",
      t.live::double precision AS "liveRows", t.scans::double precision AS "scans",
      t.writes::double precision AS "writes", obj_description(c.oid, 'pg_class') AS "comment",
      coalesce((SELECT r.rolname FROM pg_roles AS r WHERE r.oid = c.relowner), '') AS "owner"
    FROM named AS f JOIN total AS t ON t.root = f.id JOIN pg_class AS c ON c.oid = f.id
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
    ORDER BY f.place
    """

  static let names: SQL = """
    SELECT c.oid AS "id", n.nspname AS "schema", c.relname AS "name", c.relkind AS "kind"
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])
    """

  static let columns: SQL = """
    SELECT a.attrelid AS "relation", a.attname AS "name", format_type(a.atttypid, a.atttypmod) AS "type",
      format_type(a.atttypid, NULL) AS "baseType", a.attnotnull AS "isNotNull",
      pg_get_expr(d.adbin, d.adrelid) AS "defaultText", a.attgenerated <> '' AS "isGenerated",
      a.attidentity <> '' AS "isIdentity", col_description(a.attrelid, a.attnum) AS "comment"
    FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum
    """

  /// On the relations, and on others that refer to them.
  static let constraints: SQL = """
    SELECT x.conname AS "name", x.contype AS "kind", x.conrelid AS "relation", nullif(x.confrelid, 0) AS "referenced",
      pg_get_constraintdef(x.oid) AS "definition", x.convalidated AS "isValid",
      ARRAY(SELECT a.attname::text FROM unnest(x.conkey) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute AS a ON a.attrelid = x.conrelid AND a.attnum = k.number ORDER BY k.place) AS "columns",
      ARRAY(SELECT a.attname::text FROM unnest(x.confkey) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute AS a ON a.attrelid = x.confrelid AND a.attnum = k.number ORDER BY k.place)
        AS "referencedColumns",
      x.confdeltype AS "onDelete", nullif(x.conindid, 0) AS "index"
    FROM pg_constraint AS x
    WHERE x.conrelid = ANY ($1::oid[]) OR x.confrelid = ANY ($1::oid[])
    ORDER BY x.conrelid, x.conname
    """

  static let indexes: SQL = """
    SELECT i.indexrelid AS "id", i.indrelid AS "relation", n.nspname AS "schema", c.relname AS "name",
      pg_get_indexdef(i.indexrelid) AS "definition", i.indisunique AS "isUnique", i.indisvalid AS "isValid",
      i.indisprimary AS "isPrimary", m.amname AS "method", i.indpred IS NOT NULL AS "isPartial",
      i.indpred IS NULL AND i.indexprs IS NULL AS "isPlain",
      ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS "columns",
      EXISTS (SELECT FROM pg_constraint AS x WHERE x.conindid = i.indexrelid AND x.contype IN ('p', 'u', 'x'))
        AS "isOfConstraint",
      coalesce(s.idx_scan, 0) AS "scans"
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_am AS m ON m.oid = c.relam LEFT JOIN pg_stat_all_indexes AS s ON s.indexrelid = i.indexrelid
    WHERE i.indrelid = ANY ($1::oid[]) OR i.indexrelid = ANY ($1::oid[])
    ORDER BY i.indrelid, c.relname
    """

  static let triggers: SQL = """
    SELECT t.tgrelid AS "relation", t.tgname AS "name", pg_get_triggerdef(t.oid) AS "definition",
      t.tgenabled AS "enabled"
    FROM pg_trigger AS t WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal ORDER BY t.tgrelid, t.tgname
    """

  /// Views, and the columns of ours that they use; NULL is the whole relation.
  static let dependents: SQL = """
    SELECT DISTINCT d.refobjid AS "relation",
      (SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = d.refobjid AND a.attnum = d.refobjsubid) AS "column",
      n.nspname AS "schema", c.relname AS "name", c.relkind AS "kind"
    FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_class AS c ON c.oid = r.ev_class
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = ANY ($1::oid[]) AND c.oid <> d.refobjid
    ORDER BY 1, 3, 4, 2
    LIMIT 500
    """

  /// Names of functions and of types are bound. A name with several functions is as volatile as the most volatile.
  static let words: SQL = """
    SELECT 'f' AS "kind", p.proname AS "name", bool_or(p.provolatile = 'v') AS "isMarked"
    FROM pg_proc AS p WHERE p.proname = ANY ($1::text[]) GROUP BY p.proname
    UNION ALL
    SELECT 'd', t.typname, bool_or(EXISTS (SELECT FROM pg_constraint AS x WHERE x.contypid = t.oid) OR t.typnotnull)
    FROM pg_type AS t WHERE t.typname = ANY ($2::text[]) AND t.typtype = 'd' GROUP BY t.typname
    """

  /// Of others on the relations.
  static let locks: SQL = """
    SELECT l.relation AS "relation", l.pid AS "processID", l.mode AS "mode", l.granted AS "isGranted",
      coalesce(a.application_name, '') AS "application", coalesce(a.state, a.backend_type, '') AS "state",
      greatest(coalesce(extract(epoch FROM now() - a.xact_start), 0), 0)::double precision AS "seconds"
    FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.relation = ANY ($1::oid[]) AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
    ORDER BY l.granted DESC, 7 DESC, l.pid
    LIMIT 50
    """

  /// Of relations that nobody has locked against reading, which measuring them would wait for.
  static let sizes: SQL = """
    WITH RECURSIVE tree AS (
        SELECT unnest($1::oid[]) AS root, unnest($1::oid[]) AS member
        UNION
        SELECT t.root, i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.member
      ), locked AS MATERIALIZED (
        SELECT relation FROM pg_locks
        WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
      )
    SELECT t.root AS "id", sum(pg_total_relation_size(t.member))::bigint AS "bytes" FROM tree AS t
    WHERE NOT EXISTS (SELECT FROM locked AS l JOIN tree AS u ON u.member = l.relation WHERE u.root = t.root)
    GROUP BY t.root
    """

  /// Counters run since the statistics were reset; where nobody says when that was, since the server started, which makes
  /// rates that are too high rather than too low.
  static let server: SQL = """
    SELECT extract(epoch FROM now() - coalesce(
        (SELECT s.stats_reset FROM pg_stat_database AS s WHERE s.datname = current_database()),
        pg_postmaster_start_time()))::double precision AS "countedSeconds",
      (SELECT max(extract(epoch FROM now() - a.xact_start))::double precision FROM pg_stat_activity AS a
        WHERE a.pid <> pg_backend_pid() AND a.backend_type = 'client backend') AS "longestTransaction",
      (SELECT count(*) FROM pg_replication_slots) AS "slots", (SELECT count(*) FROM pg_stat_replication) AS "standbys",
      pg_is_in_recovery() AS "isInRecovery", current_setting('TimeZone') AS "timeZone"
    """
}
