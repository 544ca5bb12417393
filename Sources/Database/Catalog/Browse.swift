// What is in a database, for somebody who looks around: each question one round trip, answered as JSON by the server.

/// A question about the catalog whose answer is one JSON text.
package struct Browse: Sendable {
  let question: SQL
  let values: [String?]

  /// Schemas with their owner, kind and number of objects.
  /// - Parameter allowed: nil for all.
  package static func schemas(allowed: [String]?, includesSystem: Bool) -> Browse {
    Browse(question: schemaQuestion, values: [allowed.map { arrayLiteral($0) }, includesSystem ? "true" : "false"])
  }

  /// Objects of one kind in a schema, by name, from behind `cursor` on.
  /// - Parameters:
  ///   - kind: table, view, materialized_view, sequence, function, extension or type.
  ///   - filter: a part of the name; nil for all.
  package static func objects(
    in schema: String, kind: String, filter: String?, after cursor: String?, limit: Int
  ) -> Browse {
    let values = [schema, filter, cursor ?? "", String(limit)]
    switch kind {
    case "function": return Browse(question: functionQuestion, values: values)
    case "type": return Browse(question: typeQuestion, values: values)
    case "extension": return Browse(question: extensionQuestion, values: values)
    case "view": return Browse(question: relationQuestion, values: values + [arrayLiteral(["v"])])
    case "materialized_view": return Browse(question: relationQuestion, values: values + [arrayLiteral(["m"])])
    case "sequence": return Browse(question: relationQuestion, values: values + [arrayLiteral(["S"])])
    default: return Browse(question: relationQuestion, values: values + [arrayLiteral(["r", "p", "f"])])
    }
  }

  /// One table, view or materialized view with all that belongs to it; `null` where there is none.
  /// - Parameter allowed: schemas whose tables may be named as neighbours; nil for all.
  package static func table(_ name: String, in schema: String, allowed: [String]?) -> Browse {
    Browse(question: tableQuestion, values: [schema, name, allowed.map { arrayLiteral($0) }])
  }

  private static let schemaQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(s), '[]')::pg_catalog.text FROM (
      SELECT n.nspname AS schema_name, pg_catalog.pg_get_userbyid(n.nspowner) AS schema_owner,
        CASE WHEN n.nspname = 'information_schema' THEN 'System Information Schema'
          WHEN n.nspname LIKE 'pg\\_%' THEN 'System Schema' ELSE 'User Schema' END AS schema_type,
        pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS has_usage,
        (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class AS c
          WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')) AS object_count,
        pg_catalog.obj_description(n.oid, 'pg_namespace') AS comment
      FROM pg_catalog.pg_namespace AS n
      WHERE ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
        AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast%'
        AND ($2::pg_catalog.bool OR (n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'))
      ORDER BY n.nspname
    ) AS s
    """

  private static let relationQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT c.relname AS name, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view'
          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign_table' WHEN 'p' THEN 'partitioned_table' ELSE 'table'
        END AS kind,
        CASE WHEN c.relkind IN ('r', 'm', 'p', 'f') AND c.reltuples >= 0 THEN c.reltuples::pg_catalog.int8 END
          AS estimated_rows,
        CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid) END AS bytes,
        pg_catalog.obj_description(c.oid, 'pg_class') AS comment
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND ($2::pg_catalog.text IS NULL
          OR pg_catalog.strpos(pg_catalog.lower(c.relname), pg_catalog.lower($2::pg_catalog.text)) > 0)
        AND c.relname::pg_catalog.text > $3::pg_catalog.text COLLATE "C"
        AND c.relkind::pg_catalog.text = ANY ($5::pg_catalog.text[])
        AND NOT c.relispartition
      ORDER BY c.relname::pg_catalog.text COLLATE "C" LIMIT $4::pg_catalog.int8
    ) AS o
    """

  private static let functionQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT p.name, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window function'
          ELSE 'function' END AS kind, NULL AS estimated_rows, NULL AS bytes,
        pg_catalog.obj_description(p.oid, 'pg_proc') AS comment
      FROM (SELECT q.oid, q.prokind, pg_catalog.concat(q.proname, '(',
          pg_catalog.pg_get_function_identity_arguments(q.oid), ')') AS name
        FROM pg_catalog.pg_proc AS q JOIN pg_catalog.pg_namespace AS n ON n.oid = q.pronamespace
        WHERE n.nspname = $1) AS p
      WHERE ($2::pg_catalog.text IS NULL
          OR pg_catalog.strpos(pg_catalog.lower(p.name), pg_catalog.lower($2::pg_catalog.text)) > 0)
        AND p.name > $3::pg_catalog.text COLLATE "C"
      ORDER BY p.name COLLATE "C" LIMIT $4::pg_catalog.int8
    ) AS o
    """

  private static let typeQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT t.typname AS name, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite'
          WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'base' END AS kind,
        NULL AS estimated_rows, NULL AS bytes,
        pg_catalog.obj_description(t.oid, 'pg_type') AS comment
      FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
      WHERE n.nspname = $1 AND t.typelem = 0 AND (c.relkind IS NULL OR c.relkind = 'c')
        AND ($2::pg_catalog.text IS NULL
          OR pg_catalog.strpos(pg_catalog.lower(t.typname), pg_catalog.lower($2::pg_catalog.text)) > 0)
        AND t.typname::pg_catalog.text > $3::pg_catalog.text COLLATE "C"
      ORDER BY t.typname::pg_catalog.text COLLATE "C" LIMIT $4::pg_catalog.int8
    ) AS o
    """

  private static let extensionQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT e.extname AS name, 'extension' AS kind, NULL AS estimated_rows, NULL AS bytes,
        pg_catalog.concat(e.extversion, ' ', pg_catalog.obj_description(e.oid, 'pg_extension')) AS comment
      FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
      WHERE n.nspname = $1 AND ($2::pg_catalog.text IS NULL
          OR pg_catalog.strpos(pg_catalog.lower(e.extname), pg_catalog.lower($2::pg_catalog.text)) > 0)
        AND e.extname::pg_catalog.text > $3::pg_catalog.text COLLATE "C"
      ORDER BY e.extname::pg_catalog.text COLLATE "C" LIMIT $4::pg_catalog.int8
    ) AS o
    """
}

extension Session {
  /// The answer's JSON.
  package func browse(_ what: Browse) async throws(DatabaseError) -> String {
    let answers: [String] = try await rows(what.question, what.values)
    return answers.first ?? "null"
  }
}
