// What a session needs before somebody else may use it.

extension Session {
  static let discarding: SQL = "DISCARD ALL"

  /// Ends what is open and takes away what the last user has left: settings, temporary tables, prepared statements,
  /// cursors, advisory locks, LISTEN, sequence caches, and hypothetical indexes, which `DISCARD ALL` does not know.
  ///
  /// Behind a pooler only a transaction of ours is ended: whatever else there is belongs to all its clients.
  /// - Returns: false when it could not be cleaned in time: then it is to be closed.
  func clean(within time: Duration) async -> Bool {
    boundedTransaction = nil
    name(Self.usualApplicationName)
    guard !isClosed else { return false }
    if isClean { return true }
    if isInTransaction { await rollBack() }
    guard !isClosed else { return false }
    if server.isPooled { return true }
    if isOurs {
      isClean = true
      return true
    }
    let deadline = ContinuousClock.now + time
    do throws(DatabaseError) {
      let answers = try await exchange(
        [
          .step(.statement(Self.discarding, [])), .step(.boundary), .step(.statement(Self.isHypotheticalLoaded, [])),
        ], isCancellable: false, until: deadline)
      _ = try answers[0].get()
      guard try answers[2].get().rows.text(0, 0) != nil else {
        isClean = true
        return true
      }
      let places: [String] = try await rows(Self.hypotheticalSchema)
      let schema = places.first ?? ""
      // Loaded, and its functions are gone: only with the server process do its indexes go.
      if schema.isEmpty { return false }
      _ = try await ask([.statement("SELECT hypopg_reset()", [])], in: schema)
      knowsHypothetical = true
      isClean = true
      return true
    } catch {
      return false
    }
  }

  /// Whether a session that nobody has used since then can be lent. What the other side has hung up shows at once; what
  /// has stood long is asked.
  func isUsable(afterIdleSince time: ContinuousClock.Instant, within limit: Duration) async -> Bool {
    guard !hasHungUp else { return false }
    let now = ContinuousClock.now
    guard now - time > .seconds(5) else { return true }
    let answers = try? await exchange([.step(.statement("SELECT 1", []))], isCancellable: false, until: now + limit)
    guard case .success? = answers?.first else { return false }
    return true
  }

  /// NULL if hypopg's library is not loaded.
  static let isHypotheticalLoaded: SQL = "SELECT pg_catalog.current_setting('hypopg.enabled', true)"

  /// Where hypopg's functions are.
  private static let hypotheticalSchema: SQL = """
    SELECT n.nspname::pg_catalog.text
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n
      ON n.oid OPERATOR(pg_catalog.=) e.extnamespace
    WHERE e.extname OPERATOR(pg_catalog.=) 'hypopg'
    """
}
