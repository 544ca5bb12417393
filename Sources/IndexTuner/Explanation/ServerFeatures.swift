// What the server has beyond its core that a candidate may need.

import Database

/// The state of the extension pg_trgm.
struct ServerFeatures: Sendable {
  var trigrams: ExtensionState

  var hasTrigrams: Bool { if case .installed = trigrams { true } else { false } }

  private struct Row: Decodable, Sendable {
    let installed: String?
    let available: String?
  }

  /// One round trip.
  static func read(on session: Session) async throws(TuningError) -> ServerFeatures {
    let rows: [Row]
    do throws(DatabaseError) { rows = try await ask(session) } catch { throw TuningError(error) }
    guard let row = rows.first else { return ServerFeatures(trigrams: .missing) }
    if let version = row.installed { return ServerFeatures(trigrams: .installed(schema: "", version: version)) }
    return ServerFeatures(trigrams: row.available.map { .available(version: $0) } ?? .missing)
  }

  private static func ask(_ session: Session) async throws(DatabaseError) -> [Row] {
    try await session.rows(
      """
      SELECT (SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_trgm') AS "installed",
        (SELECT a.default_version FROM pg_catalog.pg_available_extensions() AS a WHERE a.name = 'pg_trgm') AS "available"
      """, [], as: Row.self)
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
