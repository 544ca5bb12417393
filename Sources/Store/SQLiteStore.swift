// The store in a file. A record is on the disk before its call is answered; several processes may write to one file.

internal import Cryptography
internal import Database
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

package final class SQLiteStore: AuditStore {
  package let chain: Chain
  let limits: StoreLimits
  /// Held by whoever reads or writes, on a thread that may wait.
  private let file: Mutex<SQLiteFile>

  /// - Parameters:
  ///   - key: of the links; a store that was made with one is read with it.
  ///   - mayCreate: only for whoever writes.
  package init(at path: String, key: [UInt8]?, mayCreate: Bool, limits: StoreLimits = StoreLimits()) throws(StoreError)
  {
    // Only its owner may read it; SQLite gives its other two files the same permissions.
    if mayCreate {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw StoreError(
          code: .unreachable, message: "cannot open the store \(path): \(String(cString: strerror(errno)))")
      }
      close(descriptor)
    }
    let file = try SQLiteFile(at: path, mayCreate: mayCreate, patience: limits.patience)
    try Self.prepare(file, at: path, mayCreate: mayCreate, key: key)
    let id = try file.first("SELECT store FROM audit_books")?.first?.bytes ?? []
    chain = Chain(store: id, key: key)
    self.limits = limits
    self.file = Mutex(file)
  }

  /// `pgad`, in the file's header.
  private static let application: Int64 = 0x7067_6164
  private static let version: Int64 = 1

  /// Makes what a new file lacks, and refuses what is no store.
  private static func prepare(
    _ file: borrowing SQLiteFile, at path: String, mayCreate: Bool, key: [UInt8]?
  ) throws(StoreError) {
    // Readers and one writer at a time do not wait for each other; each commit reaches the disk.
    if mayCreate { try file.run("PRAGMA journal_mode = WAL") }
    try file.run("PRAGMA synchronous = FULL")
    if mayCreate {
      try file.transaction { () throws(StoreError) in
        try create(in: file, key: key)
        try createQuotas(in: file)
        try createProposals(in: file)
      }
    }
    let marks = (
      try file.first("PRAGMA application_id")?.first?.integer, try file.first("PRAGMA user_version")?.first?.integer
    )
    guard marks.0 == application else {
      throw StoreError(code: .foreign, message: "\(path) is no store of pgadvisor's")
    }
    guard marks.1 == version else {
      throw StoreError(code: .foreign, message: "the store \(path) was written by a newer pgadvisor")
    }
  }

  private static func create(in file: borrowing SQLiteFile, key: [UInt8]?) throws(StoreError) {
    guard try file.first("SELECT 1 FROM sqlite_schema") == nil,
      try file.first("PRAGMA application_id")?.first?.integer == 0
    else { return }
    try file.run("PRAGMA application_id = 1885823332")
    try file.run("PRAGMA user_version = 1")
    try file.run(
      "CREATE TABLE audit_record (number INTEGER PRIMARY KEY, record TEXT NOT NULL, link BLOB NOT NULL) STRICT")
    try file.run(
      """
      CREATE TABLE audit_books (one INTEGER PRIMARY KEY CHECK (one = 1), store BLOB NOT NULL, number INTEGER NOT NULL,
        link BLOB NOT NULL, retired INTEGER NOT NULL, retired_link BLOB NOT NULL, seal BLOB NOT NULL) STRICT
      """)
    let chain = Chain(store: randomBytes(16), key: key)
    let origin = chain.origin
    try file.run(
      "INSERT INTO audit_books VALUES (1, ?1, 0, ?2, 0, ?2, ?3)",
      [.bytes(chain.store), .bytes(origin.link), .bytes(chain.seal(origin, retired: origin))])
  }

  package func append(_ records: [[UInt8]]) async throws(StoreError) -> ChainHead {
    try await onThread { [chain] file throws(StoreError) in
      try file.transaction { () throws(StoreError) in
        let books = try Self.books(file)
        return try Self.add(records, to: file, books, chain).head
      }
    }
  }

  /// In a transaction: nobody else moves the head meanwhile.
  static func add(
    _ records: [[UInt8]], to file: borrowing SQLiteFile, _ books: AuditBooks, _ chain: Chain
  ) throws(StoreError) -> AuditBooks {
    var books = try books.checked(by: chain)
    var rows: [[SQLiteValue]] = []
    for record in records {
      books.head = chain.next(after: books.head, record)
      rows.append([
        .integer(books.head.number), .text(String(decoding: record, as: UTF8.self)), .bytes(books.head.link),
      ])
    }
    try file.run("INSERT INTO audit_record (number, record, link) VALUES (?1, ?2, ?3)", each: rows)
    books.seal = chain.seal(books.head, retired: books.retired)
    try file.run(
      "UPDATE audit_books SET number = ?1, link = ?2, retired = ?3, retired_link = ?4, seal = ?5",
      [
        .integer(books.head.number), .bytes(books.head.link), .integer(books.retired.number),
        .bytes(books.retired.link), .bytes(books.seal),
      ])
    return books
  }

  package func books() async throws(StoreError) -> AuditBooks {
    try await onThread { file throws(StoreError) in try Self.books(file) }
  }

  static func books(_ file: borrowing SQLiteFile) throws(StoreError) -> AuditBooks {
    let row = try file.first("SELECT number, link, retired, retired_link, seal FROM audit_books") ?? []
    guard row.count == 5, let number = row[0].integer, let link = row[1].bytes, let retired = row[2].integer,
      let retiredLink = row[3].bytes, let seal = row[4].bytes
    else { throw StoreError(code: .damaged, message: "the store has lost its books") }
    return AuditBooks(
      head: ChainHead(number: number, link: link), retired: ChainHead(number: retired, link: retiredLink), seal: seal)
  }

  package func entries(after number: Int64) async throws(StoreError) -> [AuditEntry] {
    try await onThread { [limits] file throws(StoreError) in
      var entries: [AuditEntry] = []
      var room = limits.pageBytes
      try file.run(
        "SELECT number, record, link FROM audit_record WHERE number > ?1 ORDER BY number LIMIT ?2",
        [.integer(number), .integer(Int64(limits.page))]
      ) { row in
        guard let number = row[0].integer, let record = row[1].bytes, let link = row[2].bytes else { return true }
        entries.append(AuditEntry(number: number, record: record, link: link))
        room -= record.count
        return room > 0
      }
      return entries
    }
  }

  package func retire(
    through number: Int64, saying record: @Sendable @escaping (ChainHead) -> [UInt8]
  ) async throws(StoreError) {
    try await onThread { [chain] file throws(StoreError) in
      try file.transaction { () throws(StoreError) in
        var books = try Self.books(file)
        guard
          let link = try file.first("SELECT link FROM audit_record WHERE number = ?1", [.integer(number)])?[0].bytes
        else { return }
        books = try books.checked(by: chain)
        books.retired = ChainHead(number: number, link: link)
        books.seal = chain.seal(books.head, retired: books.retired)
        _ = try Self.add([record(books.retired)], to: file, books, chain)
        try file.run("DELETE FROM audit_record WHERE number <= ?1", [.integer(number)])
      }
    }
  }

  /// SQLite waits for the disk, and for others who write.
  func onThread<R: Sendable>(
    _ body: @Sendable @escaping (borrowing SQLiteFile) throws(StoreError) -> R
  ) async throws(StoreError) -> R {
    let result: Result<R, StoreError> = await withCheckedContinuation { continuation in
      runOnThread { [self] in
        continuation.resume(
          returning: file.withLock { file in
            do throws(StoreError) { return .success(try body(file)) } catch { return .failure(error) }
          })
      }
    }
    return try result.get()
  }
}

extension AuditBooks {
  /// - Throws: where somebody has written into the books: what follows would hide it.
  func checked(by chain: Chain) throws(StoreError) -> AuditBooks {
    guard isEqualInConstantTime(seal, chain.seal(head, retired: retired)) else {
      throw StoreError(
        code: .broken, message: "the audit's books were changed, or the key is another one: pgadvisor audit verify")
    }
    return self
  }
}
