// Proposals in the database that several servers share: whoever changes one holds its row until that is kept.

internal import Cryptography
internal import Database

extension PostgresStore: ProposalStore {
  private static let table = "pgadvisor.proposal"

  /// Also in a store that was made before there were proposals.
  static func createProposals(on session: Session) async throws(DatabaseError) {
    guard try await !isThere(table, on: session) else { return }
    let answers = try await session.run([
      .statement("BEGIN", []), .statement("SELECT pg_advisory_xact_lock(7235419103457)", []),
      .statement(
        """
        CREATE TABLE IF NOT EXISTS pgadvisor.proposal (id text PRIMARY KEY, state text NOT NULL, agent text NOT NULL,
          "user" text, connection text NOT NULL, digest text NOT NULL, created bigint NOT NULL, expires bigint NOT NULL,
          body text NOT NULL, progress text NOT NULL, seal bytea NOT NULL)
        """, []),
      .statement("CREATE INDEX IF NOT EXISTS proposal_agent ON pgadvisor.proposal (agent, state)", []),
      .statement("COMMIT", []),
    ])
    try await done(answers, on: session)
  }

  package func now() async throws(StoreError) -> Int64 {
    let answer = try await turn { session throws(DatabaseError) in
      try await session.run([.statement(Self.clock, [])])[0].get()
    }
    return answer.text(0, 0).flatMap { Int64($0) } ?? 0
  }

  package func propose(
    _ row: ProposalRow, lasting: Int64, atMost most: Int, saying record: @Sendable @escaping (ProposalRow) -> [UInt8]
  ) async throws(StoreError) -> ProposalOpening {
    let own = [row.agent, row.user, row.state]
    let opening = try await transaction(
      asking: [.statement(Self.same, own + [row.digest]), .statement(Self.waiting, own), .statement(Self.clock, [])]
    ) { [chain] books, answers throws(StoreError) -> (ProposalOpening, [Step], AuditBooks?) in
      if let found = try answers[0].proposals(by: chain).first { return (.found(found), [], nil) }
      let count = answers[1].text(0, 0).flatMap { Int($0) } ?? 0
      guard count < most else { return (.tooMany(count), [], nil) }
      guard let now = answers[2].text(0, 0).flatMap({ Int64($0) }) else { throw Self.unreadable }
      var (row, books) = (row, books)
      (row.created, row.expires) = (now, now + lasting)
      let steps = Self.adding([record(row)], to: &books, chain)
      return (.opened(row), [Self.put(row, chain)] + steps, books)
    }
    return opening
  }

  package func proposal(_ id: String) async throws(StoreError) -> ProposalRow? {
    try await read(Self.one, [id]).first
  }

  package func proposals(_ filter: ProposalFilter) async throws(StoreError) -> [ProposalRow] {
    let states = filter.states.map { arrayLiteral($0) }
    var values = [filter.agent, nil, "f", states, "\(limits.proposals)"]
    if let user = filter.user { (values[1], values[2]) = (user, "t") }
    return try await read(Self.many, values)
  }

  /// Nothing is there where no server has proposed anything yet.
  private func read(_ question: SQL, _ values: [String?]) async throws(StoreError) -> [ProposalRow] {
    let answer = try await turn { session throws(DatabaseError) -> StepRows? in
      guard try await Self.isThere(Self.table, on: session) else { return nil }
      return try await session.run([.statement(question, values)])[0].get()
    }
    return try answer?.proposals(by: chain) ?? []
  }

  package func change<Outcome: Sendable>(
    _ id: String, _ body: @Sendable @escaping (ProposalRow, _ now: Int64) -> (Outcome, ProposalChange?)
  ) async throws(StoreError) -> Outcome? {
    let isThere = try await turn { session throws(DatabaseError) in
      try await Self.isThere(Self.table, on: session)
    }
    guard isThere else { return nil }
    return try await transaction(
      asking: [.statement(Self.locked, [id]), .statement(Self.clock, [])]
    ) { [chain] books, answers throws(StoreError) -> (Outcome?, [Step], AuditBooks?) in
      guard let row = try answers[0].proposals(by: chain).first else { return (nil, [], nil) }
      guard let now = answers[1].text(0, 0).flatMap({ Int64($0) }) else { throw Self.unreadable }
      let (outcome, change) = body(row, now)
      guard let change else { return (outcome, [], nil) }
      var books = books
      let steps = Self.adding([change.record], to: &books, chain)
      return (outcome, [Self.put(change.row, chain)] + steps, books)
    }
  }

  /// Behind the lock on the audit's books, which everybody who writes takes first.
  private func transaction<R: Sendable>(
    asking questions: [Step], _ body: (AuditBooks, [StepRows]) throws(StoreError) -> (R, [Step], AuditBooks?)
  ) async throws(StoreError) -> R {
    var refusal: StoreError?
    let result = try await turn { session throws(DatabaseError) -> R? in
      do {
        let begun = try await session.run(
          [.statement("BEGIN", []), .statement(Self.manners, []), .statement(Self.lockedBooks, [])] + questions)
        var answers: [StepRows] = []
        for answer in begun { answers.append(try answer.get()) }
        let (result, steps, books) = try body(try answers[2].books().checked(by: chain), Array(answers.dropFirst(3)))
        let ending = books.map { [Self.put($0), .statement("COMMIT", [])] } ?? [.statement("ROLLBACK", [])]
        for answer in try await session.run(steps + ending) { _ = try answer.get() }
        return result
      } catch let error as DatabaseError {
        _ = try? await session.run([.statement("ROLLBACK", [])])
        throw error
      } catch {
        _ = try? await session.run([.statement("ROLLBACK", [])])
        refusal = error as? StoreError
        return nil
      }
    }
    guard let result else { throw refusal ?? Self.unreadable }
    return result
  }

  private static let unreadable = StoreError(code: .damaged, message: "the store cannot be read")

  private static func put(_ row: ProposalRow, _ chain: Chain) -> Step {
    .statement(
      upsert,
      [
        row.id, row.state, row.agent, row.user, row.connection, row.digest, "\(row.created)", "\(row.expires)",
        row.body, row.progress, "\\x\(hexadecimal(chain.seal(row)))",
      ])
  }

  private static let clock: SQL = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
  private static let columns: SQL = """
    SELECT id, state, agent, "user", connection, digest, created, expires, body, progress, encode(seal, 'hex')
    FROM pgadvisor.proposal
    """
  private static let one: SQL = columns + " WHERE id = $1"
  private static let locked: SQL = columns + " WHERE id = $1 FOR UPDATE"
  private static let many: SQL =
    columns + """
       WHERE agent = COALESCE($1, agent) AND (NOT $3::boolean OR "user" IS NOT DISTINCT FROM $2)
        AND ($4::text[] IS NULL OR state = ANY ($4::text[]))
      ORDER BY created DESC, id LIMIT $5::bigint
      """
  private static let own: SQL = """
     WHERE agent = $1 AND "user" IS NOT DISTINCT FROM $2 AND state = $3
      AND expires > extract(epoch FROM clock_timestamp()) * 1000
    """
  private static let same: SQL = columns + own + " AND digest = $4"
  private static let waiting: SQL = "SELECT count(*) FROM pgadvisor.proposal" + own
  private static let upsert: SQL = """
    INSERT INTO pgadvisor.proposal (id, state, agent, "user", connection, digest, created, expires, body, progress, seal)
    VALUES ($1, $2, $3, $4, $5, $6, $7::bigint, $8::bigint, $9, $10, $11::bytea)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, expires = excluded.expires, progress = excluded.progress,
      seal = excluded.seal
    """
}

extension StepRows {
  fileprivate func proposals(by chain: Chain) throws(StoreError) -> [ProposalRow] {
    var found: [ProposalRow] = []
    for row in rows.indices {
      guard let id = text(row, 0), let state = text(row, 1), let agent = text(row, 2), let connection = text(row, 4),
        let digest = text(row, 5), let created = text(row, 6).flatMap({ Int64($0) }),
        let expires = text(row, 7).flatMap({ Int64($0) }), let body = text(row, 8), let progress = text(row, 9),
        let seal = text(row, 10).flatMap({ bytes(hexadecimal: $0[...]) })
      else { throw StoreError(code: .damaged, message: "a proposal cannot be read") }
      let proposal = ProposalRow(
        id: id, state: state, agent: agent, user: text(row, 3), connection: connection, digest: digest,
        created: created, expires: expires, body: body, progress: progress)
      found.append(try chain.checked(proposal, seal: seal))
    }
    return found
  }
}
