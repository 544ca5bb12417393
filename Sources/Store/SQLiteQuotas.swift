// Quotas in the store's file: several processes over one file count together, and a new start forgets nothing.

extension SQLiteStore: QuotaLedger {
  static func createQuotas(in file: borrowing SQLiteFile) throws(StoreError) {
    try file.run(
      """
      CREATE TABLE IF NOT EXISTS quota_use (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL,
        at REAL NOT NULL, until REAL) STRICT
      """)
    try file.run("CREATE INDEX IF NOT EXISTS quota_use_key ON quota_use (key, at)")
  }

  package func take(_ key: String, _ limits: QuotaLimits, lease: Int) async throws(StoreError) -> QuotaAnswer {
    try await onThread { file throws(StoreError) in
      try file.transaction { () throws(StoreError) in
        try file.run(
          """
          DELETE FROM quota_use WHERE key = ?1 AND at < (julianday('now') - 2440587.5) * 86400.0 - ?2
            AND (until IS NULL OR until < (julianday('now') - 2440587.5) * 86400.0)
          """, [.text(key), .integer(Int64(limits.memory))])
        let counts =
          try file.first(
            """
            SELECT count(*) FILTER (WHERE at > (julianday('now') - 2440587.5) * 86400.0 - 60),
              count(*) FILTER (WHERE at > (julianday('now') - 2440587.5) * 86400.0 - 3600),
              count(*) FILTER (WHERE until > (julianday('now') - 2440587.5) * 86400.0) FROM quota_use WHERE key = ?1
            """, [.text(key)])?.map { $0.integer.map { Int($0) } ?? .max } ?? []
        guard counts.count == 3 else { throw StoreError(code: .damaged, message: "the store did not count a call") }
        if let refusal = QuotaAnswer(refusing: limits, minute: counts[0], hour: counts[1], running: counts[2]) {
          return refusal
        }
        let number = try file.first(
          """
          INSERT INTO quota_use (key, at, until) SELECT ?1, now, now + ?2
          FROM (SELECT (julianday('now') - 2440587.5) * 86400.0 AS now) RETURNING number
          """, [.text(key), .integer(Int64(lease))])?.first?.integer
        guard let number else { throw StoreError(code: .damaged, message: "the store did not count a call") }
        return .taken(number)
      }
    }
  }

  package func giveBack(_ use: Int64, _ limits: QuotaLimits) async throws(StoreError) {
    try await onThread { file throws(StoreError) in
      try file.run(
        limits.memory > 0
          ? "UPDATE quota_use SET until = NULL WHERE number = ?1" : "DELETE FROM quota_use WHERE number = ?1",
        [.integer(use)])
    }
  }
}
