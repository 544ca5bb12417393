// Quotas in a database: one caller's calls are counted one after the other, whichever server they come to.

import Database

extension PostgresStore: QuotaLedger {
  static func createQuotas(on session: Session) async throws(DatabaseError) {
    let found: [Bool] = try await session.rows("SELECT to_regclass('pgadvisor.quota_use') IS NOT NULL")
    if found == [true] { return }
    let answers = try await session.run([
      .statement("BEGIN", []), .statement("SELECT pg_advisory_xact_lock(7235419103457)", []),
      .statement(
        """
        CREATE TABLE IF NOT EXISTS pgadvisor.quota_use (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          key text NOT NULL, at timestamptz NOT NULL, until timestamptz)
        """, []),
      .statement("CREATE INDEX IF NOT EXISTS quota_use_key ON pgadvisor.quota_use (key, at)", []),
      .statement("COMMIT", []),
    ])
    for case .failure(let error) in answers {
      _ = try? await session.run([.statement("ROLLBACK", [])])
      throw error
    }
  }

  package func take(_ key: String, _ limits: QuotaLimits, lease: Int) async throws(StoreError) -> QuotaAnswer {
    let rows = try await turn { session throws(DatabaseError) in
      let answers = try await session.run([
        .statement("BEGIN", []), .statement(Self.quotaManners, []), .statement(Self.quotaLock, [key]),
        .statement(Self.forgetting, [key, "\(limits.memory)"]),
        .statement(
          Self.taking,
          [key, "\(lease)"] + [limits.perMinute, limits.perHour, limits.concurrent].map { $0.map { "\($0)" } }),
        .statement("COMMIT", []),
      ])
      for case .failure(let error) in answers {
        _ = try? await session.run([.statement("ROLLBACK", [])])
        throw error
      }
      return try answers[4].get()
    }
    if let number = rows.text(0, 3).flatMap({ Int64($0) }) { return .taken(number) }
    func count(_ column: Int) -> Int { rows.text(0, column).flatMap { Int($0) } ?? .max }
    guard let refusal = QuotaAnswer(refusing: limits, minute: count(0), hour: count(1), running: count(2)) else {
      throw StoreError(code: .damaged, message: "the store did not count a call")
    }
    return refusal
  }

  package func giveBack(_ use: Int64, _ limits: QuotaLimits) async throws(StoreError) {
    _ = try await turn { session throws(DatabaseError) in
      try await session.run([.statement(limits.memory > 0 ? Self.ending : Self.removing, ["\(use)"])])[0].get()
    }
  }

  /// A crash may forget the last calls: they are no records.
  private static let quotaManners: SQL = """
    SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '10s', true),
      set_config('statement_timeout', '30s', true)
    """
  private static let quotaLock: SQL = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7235419103457))"
  private static let forgetting: SQL = """
    DELETE FROM pgadvisor.quota_use WHERE key = $1 AND at < clock_timestamp() - make_interval(secs => $2::integer)
      AND (until IS NULL OR until < clock_timestamp())
    """
  private static let taking: SQL = """
    WITH counts AS (
      SELECT count(*) FILTER (WHERE at > clock_timestamp() - interval '1 minute') AS minute,
        count(*) FILTER (WHERE at > clock_timestamp() - interval '1 hour') AS hour,
        count(*) FILTER (WHERE until > clock_timestamp()) AS running
      FROM pgadvisor.quota_use WHERE key = $1),
    taken AS (
      INSERT INTO pgadvisor.quota_use (key, at, until)
      SELECT $1, clock_timestamp(), clock_timestamp() + make_interval(secs => $2::integer) FROM counts
      WHERE ($3::bigint IS NULL OR minute < $3::bigint) AND ($4::bigint IS NULL OR hour < $4::bigint)
        AND ($5::bigint IS NULL OR running < $5::bigint)
      RETURNING number)
    SELECT minute, hour, running, (SELECT number FROM taken) FROM counts
    """
  private static let ending: SQL = "UPDATE pgadvisor.quota_use SET until = NULL WHERE number = $1::bigint"
  private static let removing: SQL = "DELETE FROM pgadvisor.quota_use WHERE number = $1::bigint"
}
