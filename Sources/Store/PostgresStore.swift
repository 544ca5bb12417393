// The store in a database, for servers that share it: the same chain, whoever adds to it.

internal import Cryptography
package import Database

/// One session, opened when it is needed and again after it was lost. Calls wait for each other: an actor lets others in
/// while it waits, and two transactions on one session are none.
package actor PostgresStore: AuditStore {
  package nonisolated let chain: Chain
  nonisolated let limits: StoreLimits
  private let target: ConnectionTarget
  private var session: Session?
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Parameters:
  ///   - mayCreate: makes the schema `pgadvisor` and its tables where they are not there yet.
  ///   - key: of the links.
  package init(
    at target: ConnectionTarget, key: [UInt8]?, mayCreate: Bool, limits: StoreLimits = StoreLimits()
  ) async throws(StoreError) {
    self.target = target
    self.limits = limits
    let id: [UInt8]?
    do throws(DatabaseError) {
      let session = try await Session.open(target)
      if mayCreate {
        try await Self.create(on: session, key: key)
        try await Self.createQuotas(on: session)
        try await Self.createProposals(on: session)
      }
      let found = try await session.rows(
        "SELECT encode(store, 'hex') AS \"store\" FROM pgadvisor.audit_books", as: StoreRow.self)
      id = found.first.flatMap { bytes(hexadecimal: $0.store[...]) }
      self.session = session
    } catch {
      throw StoreError(error)
    }
    guard let id else { throw StoreError(code: .damaged, message: "the store has lost its books") }
    chain = Chain(store: id, key: key)
  }

  private struct StoreRow: Decodable {
    let store: String
  }

  /// Two servers may come at once: the second waits for the first, and finds what that has made.
  /// Where it is there already, its role need not be one that may create.
  private static func create(on session: Session, key: [UInt8]?) async throws(DatabaseError) {
    guard try await !isThere("pgadvisor.audit_books", on: session) else { return }
    let chain = Chain(store: randomBytes(16), key: key)
    let origin = chain.origin
    let answers = try await session.run([
      .statement("BEGIN", []), .statement("SELECT pg_advisory_xact_lock(7235419103457)", []),
      .statement("CREATE SCHEMA IF NOT EXISTS pgadvisor", []),
      .statement(
        """
        CREATE TABLE IF NOT EXISTS pgadvisor.audit_record (number bigint PRIMARY KEY, record text NOT NULL,
          link bytea NOT NULL)
        """, []),
      .statement(
        """
        CREATE TABLE IF NOT EXISTS pgadvisor.audit_books (one boolean PRIMARY KEY CHECK (one), store bytea NOT NULL,
          number bigint NOT NULL, link bytea NOT NULL, retired bigint NOT NULL, retired_link bytea NOT NULL,
          seal bytea NOT NULL)
        """, []),
      .statement(
        """
        INSERT INTO pgadvisor.audit_books SELECT true, $1::bytea, 0, $2::bytea, 0, $2::bytea, $3::bytea
        WHERE NOT EXISTS (SELECT FROM pgadvisor.audit_books)
        """, [chain.store, origin.link, chain.seal(origin, retired: origin)].map { "\\x\(hexadecimal($0))" }),
      .statement("COMMIT", []),
    ])
    try await done(answers, on: session)
  }

  static func isThere(_ table: String, on session: Session) async throws(DatabaseError) -> Bool {
    let found: [Bool] = try await session.rows("SELECT to_regclass($1) IS NOT NULL", [table])
    return found == [true]
  }

  static func done(_ answers: [Result<StepRows, DatabaseError>], on session: Session) async throws(DatabaseError) {
    for case .failure(let error) in answers {
      _ = try? await session.run([.statement("ROLLBACK", [])])
      throw error
    }
  }

  package func append(_ records: [[UInt8]]) async throws(StoreError) -> ChainHead {
    try await changing { [chain] books throws(StoreError) in
      var books = try books.checked(by: chain)
      return (Self.adding(records, to: &books, chain), books)
    }
  }

  package func retire(
    through number: Int64, saying record: @Sendable @escaping (ChainHead) -> [UInt8]
  ) async throws(StoreError) {
    guard let entry = try await entries(after: number - 1).first, entry.number == number else { return }
    _ = try await changing { [chain] books throws(StoreError) in
      var books = try books.checked(by: chain)
      guard number > books.retired.number else { return ([], books) }
      books.retired = ChainHead(number: number, link: entry.link)
      let steps: [Step] = [.statement("DELETE FROM pgadvisor.audit_record WHERE number <= $1", ["\(number)"])]
      return (steps + Self.adding([record(books.retired)], to: &books, chain), books)
    }
  }

  package func books() async throws(StoreError) -> AuditBooks {
    try await turn { session throws(DatabaseError) in
      try await session.run([.statement(Self.books, [])])[0].get()
    }.books()
  }

  package func entries(after number: Int64) async throws(StoreError) -> [AuditEntry] {
    let rows = try await turn { [limits] session throws(DatabaseError) in
      try await session.run([
        .statement(Self.entries, ["\(number)", "\(limits.page)", "\(limits.pageBytes)"])
      ])[0].get()
    }
    return rows.rows.indices.compactMap { row in
      guard let number = rows.text(row, 0).flatMap({ Int64($0) }), let record = rows.rows[row][1],
        let link = rows.text(row, 2).flatMap({ bytes(hexadecimal: $0[...]) })
      else { return nil }
      return AuditEntry(number: number, record: record, link: link)
    }
  }

  /// In one transaction: nobody else moves the head between reading and writing it.
  private func changing(
    _ body: @Sendable (AuditBooks) throws(StoreError) -> (steps: [Step], books: AuditBooks)
  ) async throws(StoreError) -> ChainHead {
    var refusal: StoreError?
    let head = try await turn { session throws(DatabaseError) -> ChainHead? in
      do {
        let begun = try await session.run([
          .statement("BEGIN", []), .statement(Self.manners, []), .statement(Self.lockedBooks, []),
        ])
        for answer in begun { _ = try answer.get() }
        let (steps, books) = try body(begun[2].get().books())
        for answer in try await session.run(steps + [Self.put(books), .statement("COMMIT", [])]) {
          _ = try answer.get()
        }
        return books.head
      } catch let error as DatabaseError {
        _ = try? await session.run([.statement("ROLLBACK", [])])
        throw error
      } catch {
        _ = try? await session.run([.statement("ROLLBACK", [])])
        refusal = error as? StoreError
        return nil
      }
    }
    guard let head else { throw refusal ?? StoreError(code: .damaged, message: "the store cannot be read") }
    return head
  }

  static func adding(_ records: [[UInt8]], to books: inout AuditBooks, _ chain: Chain) -> [Step] {
    var (numbers, texts, links): ([String?], [String?], [String?]) = ([], [], [])
    for record in records {
      books.head = chain.next(after: books.head, record)
      numbers.append("\(books.head.number)")
      texts.append(String(decoding: record, as: UTF8.self))
      links.append("\\x\(hexadecimal(books.head.link))")
    }
    books.seal = chain.seal(books.head, retired: books.retired)
    return [.statement(insertion, [numbers, texts, links].map(arrayLiteral))]
  }

  static func put(_ books: AuditBooks) -> Step {
    .statement(
      update,
      [
        "\(books.head.number)", "\\x\(hexadecimal(books.head.link))", "\(books.retired.number)",
        "\\x\(hexadecimal(books.retired.link))", "\\x\(hexadecimal(books.seal))",
      ])
  }

  static let manners: SQL = """
    SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '10s', true),
      set_config('statement_timeout', '30s', true)
    """
  private static let books: SQL = """
    SELECT number, encode(link, 'hex'), retired, encode(retired_link, 'hex'), encode(seal, 'hex')
    FROM pgadvisor.audit_books
    """
  static let lockedBooks: SQL = books + " FOR UPDATE"
  private static let insertion: SQL = """
    INSERT INTO pgadvisor.audit_record (number, record, link)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])
    """
  private static let update: SQL = """
    UPDATE pgadvisor.audit_books SET number = $1::bigint, link = $2::bytea, retired = $3::bigint,
      retired_link = $4::bytea, seal = $5::bytea
    """
  /// One at least, and no more than the bytes allow.
  private static let entries: SQL = """
    SELECT number, record, encode(link, 'hex') FROM (
      SELECT r.*, sum(octet_length(r.record)) OVER (ORDER BY r.number) - octet_length(r.record) AS before
      FROM pgadvisor.audit_record AS r WHERE r.number > $1::bigint ORDER BY r.number LIMIT $2::bigint) AS p
    WHERE p.before < $3::bigint ORDER BY number
    """

  /// One after the other, on a session that is there.
  func turn<R: Sendable>(
    _ body: (Session) async throws(DatabaseError) -> R
  ) async throws(StoreError) -> R {
    if isBusy { await withCheckedContinuation { waiting.append($0) } }
    isBusy = true
    defer {
      if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
    do throws(DatabaseError) {
      let session = try await opened()
      return try await body(session)
    } catch {
      switch error.code {
      case .connectionLost, .closed, .cancelled:
        await session?.close()
        session = nil
      default: break
      }
      throw StoreError(error)
    }
  }

  private func opened() async throws(DatabaseError) -> Session {
    if let session { return session }
    let new = try await Session.open(target)
    session = new
    return new
  }
}

extension StepRows {
  func books() throws(StoreError) -> AuditBooks {
    func head(_ number: Int, _ link: Int) -> ChainHead? {
      guard let number = text(0, number).flatMap({ Int64($0) }),
        let link = text(0, link).flatMap({ bytes(hexadecimal: $0[...]) })
      else { return nil }
      return ChainHead(number: number, link: link)
    }
    guard rows.count == 1, let last = head(0, 1), let retired = head(2, 3),
      let seal = text(0, 4).flatMap({ bytes(hexadecimal: $0[...]) })
    else { throw StoreError(code: .damaged, message: "the store has lost its books") }
    return AuditBooks(head: last, retired: retired, seal: seal)
  }
}

extension StoreError {
  fileprivate init(_ error: DatabaseError) {
    // insufficient_privilege, undefined_table, invalid_schema_name; lock_not_available; disk_full.
    let code: Code =
      switch error.sqlState {
      case "42501", "42P01", "3F000": .foreign
      case "55P03", "57014": .busy
      case "53100": .full
      case nil: .unreachable
      default: .damaged
      }
    self.init(code: code, message: "the store: \(error.message)")
  }
}
