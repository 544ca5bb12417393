// Four questions to a server in trouble, each bounded in time and in rows, in one round trip.

package import Database

extension Incident {
  /// How much one look may take: who is in trouble is not asked for more.
  private static let bounds = ReadOnlyLimits(
    statementTimeout: .seconds(1), lockTimeout: .milliseconds(100), idleTimeout: .seconds(10))

  /// Each question that fails is a part that was not looked at.
  /// - Throws: `DatabaseError` when the session is lost or cancelled.
  package static func read(on session: Session) async throws -> Incident {
    let server = session.server
    let questions = [
      connections, server.majorVersion >= 14 ? locks(since: waitStart) : locks(since: stateChange), statements,
      server.isInRecovery ? ownLag : standbys,
    ]
    let answers = try await session.readOnly(bounds) { session throws(DatabaseError) in
      var steps: [Step] = [.statement(path, []), .statement("SAVEPOINT pgadvisor_look", []), .boundary]
      for question in questions {
        steps += [.statement(question, []), .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_look", [])]
      }
      return try await session.run(steps)
    }
    for answer in answers.prefix(2) { _ = try answer.get() }
    func part<Row: Decodable & Sendable>(
      _ place: Int, as type: Row.Type
    ) throws(DatabaseError) -> Part<[Row]> where Row: Equatable {
      do throws(DatabaseError) { return .seen(try answers[3 + 3 * place].get().decoded(as: Row.self)) } catch {
        switch error.code {
        case .connectionLost, .closed, .cancelled: throw error
        default: return .notLookedAt(error.message)
        }
      }
    }
    let counts = try part(0, as: ConnectionCounts.self)
    let holders = try part(1, as: LockHolder.self)
    return Incident(
      time: counts.value?.first?.time ?? "", connections: counts.flatMap { $0.first },
      locks: holders.flatMap { LockTree($0) }, statements: try part(2, as: RunningStatement.self),
      replication: try part(3, as: ReplicationLink.self))
  }

  private static let path: SQL = "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)"

  /// A role without pg_monitor sees of others that they are there, and no state.
  private static let connections: SQL = """
    SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC' AS "time", count(*) AS "all",
      current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
        - coalesce(current_setting('reserved_connections', true), '0')::bigint AS "limit",
      count(*) FILTER (WHERE a.state = 'active' AND a.wait_event_type IS DISTINCT FROM 'Lock') AS "active",
      count(*) FILTER (WHERE a.wait_event_type = 'Lock') AS "waiting", count(*) FILTER (WHERE a.state = 'idle') AS "idle",
      count(*) FILTER (WHERE a.state LIKE 'idle in transaction%') AS "idleInTransaction",
      count(*) FILTER (WHERE a.state IS NULL) AS "hidden",
      max(extract(epoch FROM clock_timestamp() - a.xact_start) )::float8 AS "oldestTransaction"
    FROM pg_stat_activity AS a WHERE a.pid <> pg_backend_pid()
      AND (a.backend_type = 'client backend' OR a.backend_type IS NULL AND a.datid IS NOT NULL)
    """

  private static let waitStart: SQL = " coalesce(l.waitstart, a.state_change)"
  private static let stateChange: SQL = " a.state_change"

  /// pg_blocking_pids takes every lock partition for a moment: it is asked only of those who wait.
  private static func locks(since beginning: SQL) -> SQL {
    """
    WITH w AS MATERIALIZED (
      SELECT pid, pg_blocking_pids(pid) AS blockers FROM pg_stat_activity WHERE wait_event_type = 'Lock'
      ORDER BY query_start, pid LIMIT 100
    ), i AS (SELECT w.pid FROM w UNION SELECT b FROM w CROSS JOIN unnest(w.blockers) AS b LIMIT 200)
    SELECT i.pid AS "pid", coalesce(w.blockers, '{}') AS "blockers",
      concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS "who",
      coalesce(a.state, CASE WHEN i.pid = 0 THEN 'a prepared transaction' ELSE '' END) AS "state",
      replace(l.mode, 'Lock', ' lock') || ' on ' || CASE WHEN l.relation IS NULL THEN l.locktype
        WHEN l.database IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
        THEN l.relation::regclass::text ELSE 'relation ' || l.relation END AS "wants",
      coalesce(extract(epoch FROM clock_timestamp() - CASE WHEN w.pid IS NULL THEN a.xact_start ELSE
    """ + beginning + """
       END), 0)::float8 AS "seconds", left(coalesce(a.query, ''), 500) AS "text"
      FROM i LEFT JOIN w ON w.pid = i.pid LEFT JOIN pg_stat_activity AS a ON a.pid = i.pid
      LEFT JOIN LATERAL (SELECT * FROM pg_locks AS p WHERE p.pid = i.pid AND NOT p.granted LIMIT 1) AS l ON true
      ORDER BY 1
      """
  }

  private static let statements: SQL = """
    SELECT a.pid AS "pid", concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS "who",
      extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS "seconds",
      a.wait_event_type || ': ' || a.wait_event AS "waits", left(a.query, 500) AS "text"
    FROM pg_stat_activity AS a
    WHERE a.state = 'active' AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
    ORDER BY a.query_start, a.pid LIMIT 20
    """

  private static let standbys: SQL = """
    (SELECT 'standby' AS "kind", concat_ws(' at ', nullif(r.application_name, ''), coalesce(r.client_addr::text, 'local'))
        AS "name", coalesce(r.state, '') AS "state",
      pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint AS "bytes",
      extract(epoch FROM r.replay_lag)::float8 AS "seconds"
      FROM pg_stat_replication AS r ORDER BY 4 DESC NULLS LAST, 2 LIMIT 20)
    UNION ALL
    (SELECT 'slot', s.slot_name::text, concat_ws(', ', CASE WHEN s.active THEN 'active' ELSE 'inactive' END,
      s.wal_status),
      pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint, NULL
      FROM pg_replication_slots AS s WHERE NOT s.temporary ORDER BY 4 DESC NULLS LAST, 2 LIMIT 20)
    """

  private static let ownLag: SQL = """
    SELECT 'replica' AS "kind", 'this replica' AS "name",
      CASE WHEN pg_is_wal_replay_paused() THEN 'replay paused'
        WHEN EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 'receiving' ELSE 'no receiver' END AS "state",
      pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint AS "bytes",
      extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS "seconds"
    """
}

extension Incident.Part {
  var value: Value? { if case .seen(let value) = self { value } else { nil } }

  /// Nothing made of what was seen is nothing that was seen.
  func flatMap<Other>(_ make: (Value) -> Other?) -> Incident.Part<Other> {
    switch self {
    case .seen(let value): make(value).map { .seen($0) } ?? .notLookedAt("the server has answered nothing")
    case .notLookedAt(let reason): .notLookedAt(reason)
    }
  }
}
