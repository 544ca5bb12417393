// How many more connections this role may open to this database.

extension Session {
  /// The least of what the server, the database and the role have left, without what is reserved for superusers.
  package func freeConnections() async throws(DatabaseError) -> Int {
    let free: [Int] = try await rows(Self.freeQuestion)
    return max(0, free.first ?? 0)
  }

  /// Every session of `pg_stat_activity` that belongs to a database takes a place, whatever it is. The view's function alone
  /// is planned in a third of the time.
  private static let freeQuestion: SQL = """
    SELECT least(
      s.most - pg_catalog.sum(a.count),
      CASE WHEN d.datconnlimit >= 0
        THEN d.datconnlimit - pg_catalog.sum(a.count) FILTER (WHERE a.datid = d.oid) END,
      CASE WHEN r.rolconnlimit >= 0
        THEN r.rolconnlimit - pg_catalog.sum(a.count) FILTER (WHERE a.usesysid = r.oid) END)::int
    FROM (
      SELECT pg_catalog.current_setting('max_connections')::int
        - pg_catalog.current_setting('superuser_reserved_connections')::int
        - COALESCE(pg_catalog.current_setting('reserved_connections', true)::int, 0) AS most) AS s
    CROSS JOIN (
      SELECT datid, usesysid, pg_catalog.count(*) FROM pg_catalog.pg_stat_get_activity(NULL)
      WHERE datid IS NOT NULL GROUP BY datid, usesysid) AS a
    JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
    JOIN pg_catalog.pg_roles AS r ON r.rolname = SESSION_USER
    GROUP BY s.most, d.datconnlimit, r.rolconnlimit
    """
}
