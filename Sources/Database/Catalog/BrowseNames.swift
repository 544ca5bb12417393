// The names there are, for somebody who has misspelt one.

extension Browse {
  /// Relations that the role may read in some part, nearest schemas first: `[schema, name, is on the search path]`.
  package static func relationNames(allowed: [String]?) -> Browse {
    Browse(question: relationNameQuestion, values: [allowed.map { arrayLiteral($0) }])
  }

  /// The columns of relations that the role may read: `[schema, relation, column]`.
  package static func columnNames(of relations: [(schema: String, name: String)]) -> Browse {
    Browse(
      question: columnNameQuestion,
      values: [arrayLiteral(relations.map(\.schema)), arrayLiteral(relations.map(\.name))])
  }

  /// What relations are children or partitions of, at any distance: `[schema, name, ancestor's schema, ancestor's name]`.
  package static func ancestors(of relations: [(schema: String, name: String)]) -> Browse {
    Browse(
      question: ancestorQuestion,
      values: [arrayLiteral(relations.map(\.schema)), arrayLiteral(relations.map(\.name))])
  }

  private static let ancestorQuestion: SQL = """
    WITH RECURSIVE above(id, parent) AS (
      SELECT c.oid, h.inhparent
      FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
          AS w(schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
        JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.oid
      UNION SELECT a.id, h.inhparent FROM above AS a JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.parent
    )
    SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, c.relname, pn.nspname, p.relname)),
      '[]')::pg_catalog.text
    FROM above AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.id
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class AS p ON p.oid = a.parent
      JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
    """

  /// Functions that the role may execute: `[schema, name, arguments, is on the search path]`.
  package static func functionNames(allowed: [String]?) -> Browse {
    Browse(question: functionNameQuestion, values: [allowed.map { arrayLiteral($0) }])
  }

  /// Schemas beside those that are allowed and the system's.
  package static func otherSchemas(than allowed: [String]) -> Browse {
    Browse(question: otherSchemaQuestion, values: [arrayLiteral(allowed)])
  }

  private static let otherSchemaQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(n.nspname), '[]')::pg_catalog.text FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname <> ALL ($1::pg_catalog.text[]) AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    """

  private static let relationNameQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_array(o.nspname, o.relname, o.near)),
      '[]')::pg_catalog.text
    FROM (
      SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid) AS near
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
        AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
      ORDER BY n.nspname IN ('pg_catalog', 'information_schema'), NOT pg_catalog.pg_table_is_visible(c.oid),
        n.nspname, c.relname LIMIT 10000
    ) AS o
    """

  private static let columnNameQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_array(o.nspname, o.relname, o.attname)),
      '[]')::pg_catalog.text
    FROM (
      SELECT n.nspname, c.relname, a.attname
      FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
          AS w(schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
      ORDER BY n.nspname, c.relname, a.attnum LIMIT 5000
    ) AS o
    """

  private static let functionNameQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_array(o.nspname, o.proname, o.arguments, o.near)),
      '[]')::pg_catalog.text
    FROM (
      SELECT n.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes) AS arguments,
        pg_catalog.pg_function_is_visible(p.oid) AS near
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
      WHERE p.prokind <> 'p' AND p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
        AND ($1::pg_catalog.text[] IS NULL OR n.nspname = 'pg_catalog' OR n.nspname = ANY ($1::pg_catalog.text[]))
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
      ORDER BY n.nspname = 'pg_catalog', n.nspname, p.proname, p.oid LIMIT 10000
    ) AS o
    """
}
