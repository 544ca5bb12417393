// Since when the server's counters of tables and indexes have counted.

extension Session {
  /// Seconds since they were last reset; nil where they never were, so that nobody knows.
  package func countedSeconds() async -> Double? {
    let answers: [Double]? = try? await rows(
      """
      SELECT extract(epoch FROM pg_catalog.now() - d.stats_reset)::double precision
      FROM pg_catalog.pg_stat_database AS d
      WHERE d.datname = pg_catalog.current_database() AND d.stats_reset IS NOT NULL
      """)
    return answers?.first
  }
}
