// Questions about one object that is no table: sequences, functions, types, extensions, indexes; and a table's statistics.

extension Browse {
  /// A sequence; `null` where there is none.
  package static func sequence(_ name: String, in schema: String) -> Browse {
    Browse(question: sequenceQuestion, values: [schema, name])
  }

  /// A function with all its overloads, by name or by `name(types)`; `null` where there is none.
  /// - Parameter hasBody: bodies can name what is in other schemas.
  package static func function(_ name: String, in schema: String, hasBody: Bool) -> Browse {
    Browse(question: functionQuestion, values: [schema, name, hasBody ? "true" : "false"])
  }

  package static func type(_ name: String, in schema: String) -> Browse {
    Browse(question: typeQuestion, values: [schema, name])
  }

  package static func `extension`(_ name: String, allowed: [String]?) -> Browse {
    Browse(question: extensionQuestion, values: [name, allowed.map { arrayLiteral($0) }])
  }

  package static func index(_ name: String, in schema: String) -> Browse {
    Browse(question: indexQuestion, values: [schema, name])
  }

  /// What the planner knows of a table's columns, and what has happened to the table.
  /// - Parameter showsValues: with the most common values, which are data.
  package static func statistics(of table: String, in schema: String, showsValues: Bool) -> Browse {
    Browse(question: statisticsQuestion, values: [schema, table, showsValues ? "true" : "false"])
  }

  private static let sequenceQuestion: SQL = """
    SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname, 'kind', 'sequence',
      'data_type', pg_catalog.format_type(s.seqtypid, NULL), 'start_value', s.seqstart, 'increment', s.seqincrement,
      'minimum', s.seqmin, 'maximum', s.seqmax, 'cycles', s.seqcycle,
      'last_value', CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE')
        THEN pg_catalog.pg_sequence_last_value(c.oid) END,
      'owned_by', (SELECT pg_catalog.concat(tn.nspname, '.', t.relname, '.', a.attname)
        FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid
          JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
          AND tn.oid = n.oid LIMIT 1),
      'comment', pg_catalog.obj_description(c.oid, 'pg_class'))::pg_catalog.text
    FROM pg_catalog.pg_sequence AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    """

  private static let functionQuestion: SQL = """
    SELECT CASE WHEN pg_catalog.count(*) > 0 THEN pg_catalog.json_build_object('schema', $1::pg_catalog.text,
      'name', $2::pg_catalog.text, 'kind', 'function', 'overloads', pg_catalog.json_agg(o.overload ORDER BY o.signature)
      )::pg_catalog.text ELSE 'null' END
    FROM (
      SELECT s.signature, pg_catalog.json_build_object('signature', s.signature,
        'arguments', pg_catalog.pg_get_function_arguments(p.oid), 'returns', pg_catalog.pg_get_function_result(p.oid),
        'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window_function'
          ELSE 'function' END,
        'language', l.lanname, 'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable'
          ELSE 'volatile' END, 'strict', p.proisstrict, 'security_definer', p.prosecdef,
        'body', CASE WHEN $3::pg_catalog.bool AND p.prokind <> 'a' AND l.lanname NOT IN ('c', 'internal')
          THEN pg_catalog.left(pg_catalog.pg_get_functiondef(p.oid), 20000) END,
        'comment', pg_catalog.obj_description(p.oid, 'pg_proc')) AS overload
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang,
        LATERAL (SELECT p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')' AS signature) AS s
      WHERE n.nspname = $1 AND ($2 = p.proname OR $2 = s.signature) ORDER BY s.signature LIMIT 50
    ) AS o
    """

  private static let typeQuestion: SQL = """
    SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', t.typname, 'kind', CASE t.typtype
        WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
        WHEN 'm' THEN 'multirange' ELSE 'base' END,
      'labels', (SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum AS e
        WHERE e.enumtypid = t.oid),
      'base_type', CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
      'default', t.typdefault, 'constraints', (
        SELECT pg_catalog.json_agg(pg_catalog.pg_get_constraintdef(k.oid) ORDER BY k.conname)
        FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid),
      'attributes', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname,
          'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
      'subtype', (SELECT pg_catalog.format_type(r.rngsubtype, NULL) FROM pg_catalog.pg_range AS r
        WHERE r.rngtypid = t.oid),
      'comment', pg_catalog.obj_description(t.oid, 'pg_type'))::pg_catalog.text
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname = $1 AND t.typname = $2
    """

  private static let extensionQuestion: SQL = """
    SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', e.extname, 'kind', 'extension',
      'version', e.extversion, 'default_version', (SELECT v.default_version
        FROM pg_catalog.pg_available_extensions AS v WHERE v.name = e.extname),
      'relocatable', e.extrelocatable, 'object_count', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_depend AS d
        WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.deptype = 'e'),
      'comment', pg_catalog.obj_description(e.oid, 'pg_extension'))::pg_catalog.text
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = $1 AND ($2::pg_catalog.text[] IS NULL OR n.nspname = ANY ($2::pg_catalog.text[]))
    """

  private static let indexQuestion: SQL = """
    SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', x.relname, 'kind', 'index', 'table', t.relname,
      'definition', pg_catalog.pg_get_indexdef(i.indexrelid), 'method', m.amname, 'is_unique', i.indisunique,
      'is_primary', i.indisprimary, 'is_valid', i.indisvalid,
      'bytes', CASE WHEN x.relkind = 'i' THEN pg_catalog.pg_relation_size(x.oid) END, 'scans', u.idx_scan,
      'tuples_read', u.idx_tup_read, 'comment', pg_catalog.obj_description(x.oid, 'pg_class'))::pg_catalog.text
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
      JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
      JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
      LEFT JOIN pg_catalog.pg_stat_all_indexes AS u ON u.indexrelid = i.indexrelid
    WHERE n.nspname = $1 AND x.relname = $2
    """

  private static let statisticsQuestion: SQL = """
    SELECT pg_catalog.json_build_object(
      'columns', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', s.attname,
          'null_fraction', s.null_frac, 'distinct', s.n_distinct, 'average_width', s.avg_width,
          'correlation', s.correlation, 'most_common', CASE WHEN $3::pg_catalog.bool
            THEN pg_catalog.array_to_json((s.most_common_vals::pg_catalog.text::pg_catalog.text[])[1:5]) END,
          'frequencies', CASE WHEN $3 THEN pg_catalog.array_to_json(s.most_common_freqs[1:5]) END) ORDER BY s.attname)
        FROM pg_catalog.pg_stats AS s WHERE s.schemaname = $1 AND s.tablename = $2 AND NOT s.inherited), '[]'),
      'activity', (SELECT pg_catalog.json_build_object('sequential_scans', t.seq_scan, 'index_scans', t.idx_scan,
          'inserts', t.n_tup_ins, 'updates', t.n_tup_upd, 'hot_updates', t.n_tup_hot_upd, 'deletes', t.n_tup_del,
          'live_rows', t.n_live_tup, 'dead_rows', t.n_dead_tup, 'changed_since_analyze', t.n_mod_since_analyze,
          'last_vacuum', GREATEST(t.last_vacuum, t.last_autovacuum),
          'last_analyze', GREATEST(t.last_analyze, t.last_autoanalyze))
        FROM pg_catalog.pg_stat_all_tables AS t WHERE t.schemaname = $1 AND t.relname = $2))::pg_catalog.text
    """
}
