// Since when the server's counters of tables and indexes have counted.

extension Session {
  /// Seconds since they were last reset; nil where they never were, so that nobody knows.
  package func countedSeconds() async -> Double? {
    let answers: [Double]? = try? await rows(
      """
      SELECT extract(epoch FROM pg_catalog.now() - r.time)::double precision
      FROM pg_catalog.pg_database AS d CROSS JOIN LATERAL pg_catalog.pg_stat_get_db_stat_reset_time(d.oid) AS r(time)
      WHERE d.datname = pg_catalog.current_database() AND r.time IS NOT NULL
      """)
    return answers?.first
  }
}
