// What is in a database, for somebody who looks around: each question one round trip, answered as JSON by the server.

/// A question about the catalog whose answer is one JSON text.
package struct Browse: Sendable {
  let question: SQL
  package let values: [String?]
  /// Made of nothing but rows of the catalog and the role's rights: as long as no transaction of the cluster has changed
  /// anything, the answer is the same.
  package var isSettled = false

  /// What of a list is wanted: names that hold this text, or fit it as a pattern if it has a `%`; behind this name.
  package struct Selection: Sendable {
    package var filter: String?
    package var after: String?
    package var limit: Int

    package init(filter: String? = nil, after: String? = nil, limit: Int = 100) {
      self.filter = filter
      self.after = after
      self.limit = limit
    }

    fileprivate var values: [String?] { [filter, after ?? "", String(limit)] }
  }

  /// Schemas with their owner, kind and number of objects.
  /// - Parameter allowed: nil for all.
  package static func schemas(allowed: [String]?, includesSystem: Bool, _ selection: Selection) -> Browse {
    Browse(
      question: schemaQuestion,
      values: selection.values + [allowed.map { arrayLiteral($0) }, includesSystem ? "true" : "false"], isSettled: true)
  }

  /// The kinds of objects that can be listed.
  package static let kinds = [
    "table", "view", "materialized_view", "sequence", "function", "extension", "type", "partitioned_table",
    "foreign_table", "index", "relation",
  ]

  /// Objects of one kind by name: in a schema, or in all allowed ones but the system's; then their names have the schema
  /// in front, as cursors do.
  /// - Parameters:
  ///   - kind: one of `kinds`; `table` means the partitioned and foreign ones too, `relation` also views.
  ///   - hasSizes: without them no lock is needed, for which somebody's ALTER TABLE would have to be waited for.
  package static func objects(
    in schema: String?, allowed: [String]?, kind: String, _ selection: Selection, hasSizes: Bool = true
  ) -> Browse {
    let values = selection.values + [schema, allowed.map { arrayLiteral($0) }]
    switch kind {
    case "function": return Browse(question: functionQuestion, values: values)
    case "type": return Browse(question: typeQuestion, values: values)
    case "extension": return Browse(question: extensionQuestion, values: values)
    default:
      return Browse(
        question: relationQuestion, values: values + [arrayLiteral(relationKinds(kind)), hasSizes ? "true" : "false"])
    }
  }

  private static func relationKinds(_ kind: String) -> [String] {
    switch kind {
    case "view": ["v"]
    case "materialized_view": ["m"]
    case "sequence": ["S"]
    case "partitioned_table": ["p"]
    case "foreign_table": ["f"]
    case "index": ["i", "I"]
    case "relation": ["r", "p", "f", "v", "m"]
    default: ["r", "p", "f"]
    }
  }

  private static let schemaQuestion: SQL = """
    SELECT COALESCE(pg_catalog.json_agg(s), '[]')::pg_catalog.text FROM (
      SELECT n.nspname AS schema_name, pg_catalog.pg_get_userbyid(n.nspowner) AS schema_owner,
        CASE WHEN n.nspname = 'information_schema' THEN 'System Information Schema'
          WHEN n.nspname LIKE 'pg\\_%' THEN 'System Schema' ELSE 'User Schema' END AS schema_type,
        pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS has_usage,
        (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class AS c
          WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')) AS object_count,
        (SELECT d.description FROM pg_catalog.pg_description AS d
          WHERE d.objoid = n.oid AND d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.objsubid = 0)
          AS comment
      FROM pg_catalog.pg_namespace AS n
      WHERE ($4::pg_catalog.text[] IS NULL OR n.nspname = ANY ($4::pg_catalog.text[]))
        AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast%'
        AND ($5::pg_catalog.bool OR (n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'))
        AND ($1::pg_catalog.text IS NULL OR CASE WHEN pg_catalog.strpos($1, '%') > 0 THEN n.nspname ILIKE $1
          ELSE pg_catalog.strpos(pg_catalog.lower(n.nspname), pg_catalog.lower($1)) > 0 END)
        AND n.nspname::pg_catalog.text > $2::pg_catalog.text COLLATE "C"
      ORDER BY n.nspname::pg_catalog.text COLLATE "C" LIMIT $3::pg_catalog.int8
    ) AS s
    """

  /// Which namespaces, which names, and in what order: `n` and `o.name` are there.
  private static let selected: SQL = """
      WHERE CASE WHEN $4::pg_catalog.text IS NOT NULL THEN n.nspname = $4 ELSE
          n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' END
        AND ($5::pg_catalog.text[] IS NULL OR n.nspname = ANY ($5::pg_catalog.text[]))
        AND ($1::pg_catalog.text IS NULL OR CASE WHEN pg_catalog.strpos($1, '%') > 0 THEN o.name ILIKE $1
          ELSE pg_catalog.strpos(pg_catalog.lower(o.name), pg_catalog.lower($1)) > 0 END)
        AND (CASE WHEN $4 IS NULL THEN n.nspname || '.' ELSE '' END || o.name) > $2::pg_catalog.text COLLATE "C"
      ORDER BY (CASE WHEN $4 IS NULL THEN n.nspname || '.' ELSE '' END || o.name) COLLATE "C"
      LIMIT $3::pg_catalog.int8
    ) AS o
    """

  private static let relationQuestion: SQL =
    """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT n.nspname AS schema, o.name, CASE o.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view'
          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign_table' WHEN 'p' THEN 'partitioned_table'
          WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned_index' ELSE 'table' END AS kind,
        CASE WHEN o.relkind IN ('r', 'm', 'p', 'f') AND o.reltuples >= 0 THEN o.reltuples::pg_catalog.int8 END
          AS estimated_rows,
        CASE WHEN $7::pg_catalog.bool THEN CASE WHEN o.relkind IN ('r', 'm', 'i')
            THEN pg_catalog.pg_total_relation_size(o.oid) WHEN o.relkind = 'p' THEN (
              SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relid))::pg_catalog.int8
              FROM pg_catalog.pg_partition_tree(o.oid) AS t WHERE t.isleaf) END END AS bytes,
        pg_catalog.obj_description(o.oid, 'pg_class') AS comment
      FROM (SELECT c.oid, c.relname::pg_catalog.text AS name, c.relkind, c.relnamespace, c.reltuples
          FROM pg_catalog.pg_class AS c
          WHERE c.relkind::pg_catalog.text = ANY ($6::pg_catalog.text[]) AND NOT c.relispartition) AS o
        JOIN pg_catalog.pg_namespace AS n ON n.oid = o.relnamespace

    """ + selected

  private static let functionQuestion: SQL =
    """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT n.nspname AS schema, o.name, CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
          WHEN 'w' THEN 'window_function' ELSE 'function' END AS kind, o.returns, o.language,
        pg_catalog.obj_description(o.oid, 'pg_proc') AS comment
      FROM (SELECT p.oid, p.prokind, p.pronamespace, l.lanname AS language,
          pg_catalog.pg_get_function_result(p.oid) AS returns,
          p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')' AS name
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang) AS o
        JOIN pg_catalog.pg_namespace AS n ON n.oid = o.pronamespace

    """ + selected

  private static let typeQuestion: SQL =
    """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT n.nspname AS schema, o.name, CASE o.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain'
          WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'base' END AS kind,
        pg_catalog.obj_description(o.oid, 'pg_type') AS comment
      FROM (SELECT t.oid, t.typname::pg_catalog.text AS name, t.typtype, t.typnamespace
          FROM pg_catalog.pg_type AS t LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
          WHERE t.typelem = 0 AND (c.relkind IS NULL OR c.relkind = 'c')) AS o
        JOIN pg_catalog.pg_namespace AS n ON n.oid = o.typnamespace

    """ + selected

  private static let extensionQuestion: SQL =
    """
    SELECT COALESCE(pg_catalog.json_agg(o), '[]')::pg_catalog.text FROM (
      SELECT n.nspname AS schema, o.name, 'extension' AS kind, o.extversion AS version,
        o.extrelocatable AS relocatable, pg_catalog.obj_description(o.oid, 'pg_extension') AS comment
      FROM (SELECT e.oid, e.extname::pg_catalog.text AS name, e.extversion, e.extrelocatable, e.extnamespace
          FROM pg_catalog.pg_extension AS e) AS o
        JOIN pg_catalog.pg_namespace AS n ON n.oid = o.extnamespace

    """ + selected
}

extension Session {
  /// The answer's JSON.
  /// - Parameter path: schemas whose objects definitions may name without them, so that all others show where they are;
  ///   nil for the session's own.
  package func browse(_ what: Browse, path: [String]? = nil) async throws(DatabaseError) -> String {
    try await glance(what.question, what.values, path: path).text(0, 0) ?? "null"
  }

  /// The same of a settled question: `known` again where nothing has changed since then, which costs a look at the
  /// snapshot.
  package func browse(_ what: Browse, unless known: SettledAnswer?) async throws(DatabaseError) -> SettledAnswer {
    // Before the question, so that what comes between makes the answer newer than its mark, never older.
    let mark = try await glancedMark().mark
    if let known, let mark, known.mark == mark { return known }
    return SettledAnswer(text: try await browse(what), mark: mark)
  }
}

/// An answer, and the mark of the cluster's transactions when it was given; nil where nobody can tell.
package struct SettledAnswer: Sendable {
  package let text: String
  let mark: String?
}
