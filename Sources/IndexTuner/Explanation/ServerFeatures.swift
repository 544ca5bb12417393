// What the server has beyond its core that a candidate may need.

import Database

/// The state of the extension pg_trgm, and which functions of the candidates are written in SQL.
struct ServerFeatures: Sendable {
  var trigrams: ExtensionState
  /// Names, without schemas; of one that is a function in another language for other types, `name:type` of what it takes.
  var inlined: Set<String> = []

  var hasTrigrams: Bool { if case .installed = trigrams { true } else { false } }

  private struct Row: Decodable, Sendable {
    let installed: String?
    let available: String?
    let inlined: [String]
  }

  /// One round trip.
  static func read(on session: Session, for candidates: [IndexDefinition]) async throws(TuningError) -> ServerFeatures {
    var called = candidates.flatMap(\.keys).reduce(into: Set<String>()) { $0.formUnion(calls(in: $1)) }
    if called.contains("extract") { called.insert("date_part") }
    let rows: [Row]
    do throws(DatabaseError) { rows = try await ask(session, called.sorted()) } catch { throw TuningError(error) }
    guard let row = rows.first else { return ServerFeatures(trigrams: .missing) }
    let inlined = Set(row.inlined)
    if let version = row.installed {
      return ServerFeatures(trigrams: .installed(schema: "", version: version), inlined: inlined)
    }
    return ServerFeatures(trigrams: row.available.map { .available(version: $0) } ?? .missing, inlined: inlined)
  }

  /// - Parameter column: what the key's expression begins with.
  func isInlined(_ key: IndexDefinition.Key, on column: Column?) -> Bool {
    let type = String((column?.typeName ?? "").prefix { $0 != "(" })
    return Self.calls(in: key).contains { inlined.contains($0) || inlined.contains("\($0):\(type)") }
  }

  /// What stands before a bracket. EXTRACT became a function of its own with version 14; before, it is another name.
  private static func calls(in key: IndexDefinition.Key) -> Set<String> {
    var names: Set<String> = []
    var word = ""
    for character in key.expression ?? "" {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else if character != "\"" {
        if character == "(", !word.isEmpty { names.insert(word == "EXTRACT" ? "extract" : word) }
        word = ""
      }
    }
    return names
  }

  private static func ask(_ session: Session, _ called: [String]) async throws(DatabaseError) -> [Row] {
    try await session.rows(
      """
      SELECT (SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_trgm') AS "installed",
        (SELECT a.default_version FROM pg_catalog.pg_available_extensions() AS a WHERE a.name = 'pg_trgm') AS "available",
        ARRAY(
          SELECT DISTINCT CASE WHEN f."all" THEN n.name ELSE n.name || ':' || pg_catalog.format_type(t.id, NULL) END
          FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname = 'sql',
            pg_catalog.unnest(p.proargtypes) AS t(id),
            LATERAL (SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS o
                WHERE o.proname = p.proname AND o.prolang <> p.prolang)) AS f("all"),
            LATERAL (SELECT p.proname::pg_catalog.text UNION ALL SELECT 'extract' WHERE p.proname = 'date_part'
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS e WHERE e.proname = 'extract')) AS n(name)
          WHERE p.proname = ANY ($1::pg_catalog.text[]) AND p.provolatile = 'i' ORDER BY 1) AS "inlined"
      """, [arrayLiteral(called)], as: Row.self)
  }

  func missingTrigrams(for index: IndexDefinition) -> String {
    let cure =
      if case .available = trigrams {
        "CREATE EXTENSION pg_trgm"
      } else {
        "install the server's contrib package and CREATE EXTENSION pg_trgm"
      }
    return "only trigrams find such a pattern, and the extension pg_trgm is not installed: \(cure), then "
      + "CREATE INDEX CONCURRENTLY ON \(index.qualifiedTable) \(index.body)"
  }
}
