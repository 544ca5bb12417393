// Questions about how tables hang together, and about the server itself.

extension Browse {
  /// Declared foreign keys of a table, or of a whole schema; `incoming`: those of others that refer to the table.
  package static func foreignKeys(
    of table: String?, in schema: String, allowed: [String]?, isIncoming: Bool = false
  ) -> Browse {
    Browse(
      question: foreignKeyQuestion,
      values: [schema, table, allowed.map { arrayLiteral($0) }, isIncoming ? "true" : "false"])
  }

  /// What columns say by their name and type although nobody has declared it: `customer_id` and the key of `customer`.
  package static func impliedKeys(of table: String, in schema: String, allowed: [String]?) -> Browse {
    Browse(question: impliedQuestion, values: [schema, table, allowed.map { arrayLiteral($0) }])
  }

  /// Database, role, version, search path: no host and no address.
  package static let identity = Browse(question: identityQuestion, values: [])

  /// Settings that differ from the defaults, but for those that hold other servers' names and passwords.
  package static let settings = Browse(question: settingQuestion, values: [])

  private static let settingQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(s), '[]')::pg_catalog.text FROM (
      SELECT g.name, g.setting, g.unit, g.source, g.pending_restart FROM pg_catalog.pg_settings AS g
      WHERE g.source NOT IN ('default', 'session', 'client') AND g.name NOT IN ('primary_conninfo', 'restore_command',
        'archive_command', 'archive_cleanup_command', 'recovery_end_command', 'ssl_passphrase_command')
      ORDER BY g.name
    ) AS s
    """

  private static let foreignKeyQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(k), '[]')::pg_catalog.text FROM (
      SELECT c.conname AS constraint_name, n.nspname AS schema, t.relname AS "table",
        (SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
          FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY AS p(number, place)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = p.number) AS columns,
        fn.nspname AS referenced_schema, ft.relname AS referenced_table,
        (SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
          FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY AS p(number, place)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = p.number
        ) AS referenced_columns,
        pg_catalog.pg_get_constraintdef(c.oid) AS definition
      FROM pg_catalog.pg_constraint AS c
        JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
        JOIN pg_catalog.pg_class AS ft ON ft.oid = c.confrelid
        JOIN pg_catalog.pg_namespace AS fn ON fn.oid = ft.relnamespace
      WHERE c.contype = 'f' AND CASE WHEN $4::pg_catalog.bool THEN fn.nspname = $1 AND ft.relname = $2
          ELSE n.nspname = $1 AND ($2::pg_catalog.text IS NULL OR t.relname = $2) END
        AND ($3::pg_catalog.text[] IS NULL
          OR (n.nspname = ANY ($3::pg_catalog.text[]) AND fn.nspname = ANY ($3::pg_catalog.text[])))
      ORDER BY n.nspname, t.relname, c.conname LIMIT 1000
    ) AS k
    """

  /// Strong: `customer_id` beside a table `customer` or `customers` whose single-column primary key has the same type.
  /// Possible: another column with that ending and a primary key column of the same name.
  private static let impliedQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(f), '[]')::pg_catalog.text FROM (
      SELECT a.attname AS column_name, rn.nspname AS foreign_schema, r.relname AS foreign_table,
        ra.attname AS foreign_column,
        CASE WHEN pg_catalog.lower(r.relname) IN (s.stem, s.stem || 's', s.stem || 'es') THEN 'strong_implied'
          ELSE 'possible_implied' END AS relationship_type
      FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped,
        LATERAL (SELECT pg_catalog.regexp_replace(pg_catalog.lower(a.attname), '_(id|fk)$', '') AS stem) AS s,
        pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS r ON r.oid = k.conrelid
        JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
        JOIN pg_catalog.pg_attribute AS ra ON ra.attrelid = r.oid AND ra.attnum = k.conkey[1]
      WHERE n.nspname = $1 AND t.relname = $2 AND t.relkind IN ('r', 'p', 'f')
        AND pg_catalog.lower(a.attname) ~ '_(id|fk)$' AND k.contype = 'p'
        AND pg_catalog.array_length(k.conkey, 1) = 1 AND ra.atttypid = a.atttypid AND r.oid <> t.oid
        AND (pg_catalog.lower(r.relname) IN (s.stem, s.stem || 's', s.stem || 'es') OR ra.attname = a.attname)
        AND ($3::pg_catalog.text[] IS NULL OR rn.nspname = ANY ($3::pg_catalog.text[]))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS d
          WHERE d.conrelid = t.oid AND d.contype = 'f' AND a.attnum = ANY (d.conkey))
      ORDER BY a.attnum, rn.nspname, r.relname LIMIT 200
    ) AS f
    """

  private static let identityQuestion: SQL = """
    SELECT pg_catalog.json_build_object('database', pg_catalog.current_database(), 'user', CURRENT_USER,
      'search_path', pg_catalog.array_to_json(pg_catalog.current_schemas(false)),
      'server_version', pg_catalog.current_setting('server_version'),
      'server_version_num', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
      'cluster_name', pg_catalog.current_setting('cluster_name'),
      'is_replica', pg_catalog.pg_is_in_recovery(),
      'started', pg_catalog.pg_postmaster_start_time(), 'encoding', pg_catalog.current_setting('server_encoding'),
      'time_zone', pg_catalog.current_setting('TimeZone'),
      'bytes', pg_catalog.pg_database_size(pg_catalog.current_database()))::pg_catalog.text
    """
}
