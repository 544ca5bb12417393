// Proposals in the SQLite file: each change in one transaction with the record of it.

extension SQLiteStore: ProposalStore {
  /// Also in a file that was made before there were proposals.
  static func createProposals(in file: borrowing SQLiteFile) throws(StoreError) {
    try file.run(
      """
      CREATE TABLE IF NOT EXISTS proposal (id TEXT PRIMARY KEY, state TEXT NOT NULL, agent TEXT NOT NULL, user TEXT,
        connection TEXT NOT NULL, digest TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
        body TEXT NOT NULL, progress TEXT NOT NULL, seal BLOB NOT NULL) STRICT
      """)
    try file.run("CREATE INDEX IF NOT EXISTS proposal_agent ON proposal (agent, state)")
  }

  private static func hasProposals(_ file: borrowing SQLiteFile) throws(StoreError) -> Bool {
    try file.first("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'proposal'") != nil
  }

  package func now() async throws(StoreError) -> Int64 {
    try await onThread { file throws(StoreError) in try Self.now(file) }
  }

  private static func now(_ file: borrowing SQLiteFile) throws(StoreError) -> Int64 {
    try file.first("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")?.first?.integer ?? 0
  }

  package func propose(
    _ row: ProposalRow, lasting: Int64, atMost most: Int, saying record: @Sendable @escaping (ProposalRow) -> [UInt8]
  ) async throws(StoreError) -> ProposalOpening {
    try await onThread { [chain] file throws(StoreError) in
      try file.transaction { () throws(StoreError) in
        try Self.createProposals(in: file)
        let now = try Self.now(file)
        let own: [SQLiteValue] = [
          .text(row.agent), row.user.map { .text($0) } ?? .null, .text(row.state), .integer(now),
        ]
        let same = try file.first(
          "SELECT id FROM proposal WHERE agent = ?1 AND user IS ?2 AND state = ?3 AND expires > ?4 AND digest = ?5",
          own + [.text(row.digest)])
        if let id = same?[0].text, let found = try Self.row(id, file, chain) { return .found(found) }
        let count = try file.first(
          "SELECT count(*) FROM proposal WHERE agent = ?1 AND user IS ?2 AND state = ?3 AND expires > ?4", own)
        if let count = count?[0].integer, count >= Int64(most) { return .tooMany(Int(count)) }
        var row = row
        (row.created, row.expires) = (now, now + lasting)
        try Self.put(row, to: file, chain)
        _ = try Self.add([record(row)], to: file, try Self.books(file), chain)
        return .opened(row)
      }
    }
  }

  package func proposal(_ id: String) async throws(StoreError) -> ProposalRow? {
    try await onThread { [chain] file throws(StoreError) in
      try Self.hasProposals(file) ? try Self.row(id, file, chain) : nil
    }
  }

  package func proposals(_ filter: ProposalFilter) async throws(StoreError) -> [ProposalRow] {
    try await onThread { [chain, limits] file throws(StoreError) in
      guard try Self.hasProposals(file) else { return [] }
      var found: [(row: ProposalRow, seal: [UInt8])] = []
      try file.run(
        """
        SELECT id, state, agent, user, connection, digest, created, expires, body, progress, seal FROM proposal
        ORDER BY created DESC, id
        """
      ) { columns in
        if let (row, seal) = Self.read(columns), filter.takes(row) { found.append((row, seal)) }
        return found.count < limits.proposals
      }
      var rows: [ProposalRow] = []
      for (row, seal) in found { rows.append(try chain.checked(row, seal: seal)) }
      return rows
    }
  }

  package func change<Outcome: Sendable>(
    _ id: String, _ body: @Sendable @escaping (ProposalRow, _ now: Int64) -> (Outcome, ProposalChange?)
  ) async throws(StoreError) -> Outcome? {
    try await onThread { [chain] file throws(StoreError) in
      guard try Self.hasProposals(file) else { return nil }
      return try file.transaction { () throws(StoreError) in
        guard let row = try Self.row(id, file, chain) else { return nil }
        let (outcome, change) = body(row, try Self.now(file))
        if let change {
          try Self.put(change.row, to: file, chain)
          _ = try Self.add([change.record], to: file, try Self.books(file), chain)
        }
        return outcome
      }
    }
  }

  private static func row(
    _ id: String, _ file: borrowing SQLiteFile, _ chain: Chain
  ) throws(StoreError) -> ProposalRow? {
    let columns = try file.first(
      """
      SELECT id, state, agent, user, connection, digest, created, expires, body, progress, seal FROM proposal
      WHERE id = ?1
      """, [.text(id)])
    guard let columns else { return nil }
    guard let (row, seal) = read(columns) else {
      throw StoreError(code: .damaged, message: "the proposal cannot be read")
    }
    return try chain.checked(row, seal: seal)
  }

  private static func read(_ columns: [SQLiteValue]) -> (row: ProposalRow, seal: [UInt8])? {
    guard columns.count == 11, let id = columns[0].text, let state = columns[1].text, let agent = columns[2].text,
      let connection = columns[4].text, let digest = columns[5].text, let created = columns[6].integer,
      let expires = columns[7].integer, let body = columns[8].text, let progress = columns[9].text,
      let seal = columns[10].bytes
    else { return nil }
    let row = ProposalRow(
      id: id, state: state, agent: agent, user: columns[3].text, connection: connection, digest: digest,
      created: created, expires: expires, body: body, progress: progress)
    return (row, seal)
  }

  private static func put(
    _ row: ProposalRow, to file: borrowing SQLiteFile, _ chain: Chain
  ) throws(StoreError) {
    try file.run(
      "INSERT OR REPLACE INTO proposal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      [
        .text(row.id), .text(row.state), .text(row.agent), row.user.map { .text($0) } ?? .null, .text(row.connection),
        .text(row.digest), .integer(row.created), .integer(row.expires), .text(row.body), .text(row.progress),
        .bytes(chain.seal(row)),
      ])
  }
}

extension SQLiteValue {
  fileprivate var text: String? {
    guard case .text(let value) = self else { return nil }
    return value
  }
}
