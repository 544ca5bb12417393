// The question behind `describe_table`.

extension Browse {
  /// One table, view or materialized view with all that belongs to it; `null` where there is none.
  /// - Parameter allowed: schemas whose tables may be named as neighbours; nil for all.
  package static func table(_ name: String, in schema: String, allowed: [String]?) -> Browse {
    Browse(question: tableQuestion, values: [schema, name, allowed.map { arrayLiteral($0) }])
  }

  static let tableQuestion: SQL = tableColumns + tableIndexes + tableConstraints + tableSurroundings

  private static let tableColumns: SQL = """
    SELECT pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname,
      'kind', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'f' THEN 'foreign_table'
        WHEN 'p' THEN 'partitioned_table' ELSE 'table' END,
      'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
      'estimated_rows', CASE WHEN c.reltuples >= 0 THEN c.reltuples::pg_catalog.int8 END,
      'bytes', CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid)
        WHEN c.relkind = 'p' THEN (SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relid))::pg_catalog.int8
          FROM pg_catalog.pg_partition_tree(c.oid) AS t WHERE t.isleaf) END,
      'definition', CASE WHEN c.relkind IN ('v', 'm')
        THEN pg_catalog.left(pg_catalog.pg_get_viewdef(c.oid, true), 20000) END,
      'partition_key', CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
      'columns', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
          'is_primary_key', COALESCE(a.attnum = ANY (k.conkey), false),
          'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
          'generated', CASE WHEN a.attgenerated <> '' THEN 'stored' WHEN a.attidentity <> '' THEN 'identity' END,
          'comment', pg_catalog.col_description(c.oid, a.attnum)) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
          LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),

    """

  private static let tableIndexes: SQL = """
      'indexes', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', x.relname, 'definition', pg_catalog.pg_get_indexdef(i.indexrelid), 'method', m.amname,
          'is_unique', i.indisunique, 'is_primary', i.indisprimary, 'is_valid', i.indisvalid,
          'bytes', pg_catalog.pg_relation_size(i.indexrelid), 'scans', u.idx_scan) ORDER BY x.relname)
        FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
          JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
          LEFT JOIN pg_catalog.pg_stat_all_indexes AS u ON u.indexrelid = i.indexrelid
        WHERE i.indrelid = c.oid), '[]'),

    """

  private static let tableConstraints: SQL = """
      'constraints', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', k.conname, 'type', CASE k.contype WHEN 'p' THEN 'primary_key' WHEN 'u' THEN 'unique'
            WHEN 'f' THEN 'foreign_key' WHEN 'x' THEN 'exclusion' WHEN 'n' THEN 'not_null' ELSE 'check' END,
          'definition', pg_catalog.pg_get_constraintdef(k.oid), 'columns', (
            SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
            FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS p(number, place)
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = p.number),
          'referenced_columns', CASE WHEN k.contype = 'f' THEN (
            SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
            FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS p(number, place)
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = p.number) END,
          'references', CASE WHEN k.contype = 'f' THEN (
            SELECT pg_catalog.concat(fn.nspname, '.', fc.relname) FROM pg_catalog.pg_class AS fc
              JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace WHERE fc.oid = k.confrelid) END)
          ORDER BY k.contype, k.conname)
        FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND (k.contype <> 'f'
          OR $3::pg_catalog.text[] IS NULL OR EXISTS (
            SELECT FROM pg_catalog.pg_class AS fc JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
            WHERE fc.oid = k.confrelid AND fn.nspname = ANY ($3::pg_catalog.text[])))), '[]'),
      'referenced_by', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
          'table', pg_catalog.concat(fn.nspname, '.', fc.relname), 'constraint', k.conname)
          ORDER BY fn.nspname, fc.relname, k.conname)
        FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS fc ON fc.oid = k.conrelid
          JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
        WHERE k.confrelid = c.oid AND k.contype = 'f'
          AND ($3::pg_catalog.text[] IS NULL OR fn.nspname = ANY ($3::pg_catalog.text[]))), '[]'),

    """

  private static let tableSurroundings: SQL = """
      'partitions', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', p.relname,
          'bound', pg_catalog.pg_get_expr(p.relpartbound, p.oid)) ORDER BY p.relname)
        FROM pg_catalog.pg_inherits AS h JOIN pg_catalog.pg_class AS p ON p.oid = h.inhrelid
        WHERE h.inhparent = c.oid), '[]'),
      'triggers', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.pg_get_triggerdef(t.oid) ORDER BY t.tgname)
        FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal), '[]'),
      'policies', COALESCE((
        SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', p.polname,
          'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
          'with_check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname)
        FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid), '[]'),
      'row_security', c.relrowsecurity
    )::pg_catalog.text
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    """
}
