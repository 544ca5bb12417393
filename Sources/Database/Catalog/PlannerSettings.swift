// The planner's settings that advice depends on.

/// As the session has them.
package struct PlannerSettings: Sendable, Equatable, Decodable {
  /// Bytes of a page.
  package var blockSize: Int
  package var sequentialPageCost: Double
  package var randomPageCost: Double
  /// Bytes.
  package var effectiveCacheSize: Int64
  package var usesJIT: Bool
}

extension Session {
  package func plannerSettings() async throws(DatabaseError) -> PlannerSettings {
    let rows: [PlannerSettings] = try await rows(
      """
      SELECT pg_catalog.current_setting('block_size') AS "blockSize",
        pg_catalog.current_setting('seq_page_cost') AS "sequentialPageCost",
        pg_catalog.current_setting('random_page_cost') AS "randomPageCost",
        pg_catalog.pg_size_bytes(pg_catalog.current_setting('effective_cache_size')) AS "effectiveCacheSize",
        pg_catalog.current_setting('jit') = 'on' AS "usesJIT"
      """)
    guard let settings = rows.first else {
      throw DatabaseError(code: .protocolViolation, message: "the server told no settings")
    }
    return settings
  }
}
