// The chain in a file: what was done to it is found.

import Cryptography
import Store
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory that is gone afterwards.
struct Place: ~Copyable {
  let path: String

  init() {
    var template = Array("/tmp/pgadvisor-store.XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  var store: String { path + "/audit.db" }

  deinit {
    for name in ["audit.db", "audit.db-wal", "audit.db-shm", "other.db", "other.db-wal", "other.db-shm", "text"] {
      unlink(path + "/" + name)
    }
    rmdir(path)
  }
}

@Suite struct ChainTests {
  private func filled(_ place: borrowing Place, _ count: Int, key: [UInt8]? = nil) async throws -> SQLiteStore {
    let store = try SQLiteStore(at: place.store, key: key, mayCreate: true)
    for number in 1...count { _ = try await store.append([record(number)]) }
    return store
  }

  private func record(_ number: Int) -> [UInt8] { Array(#"{"time":"2026-11-29","n":\#(number),"text":"é"}"#.utf8) }

  private func verified(_ store: SQLiteStore, heads: [ChainHead] = []) async throws -> Verification {
    try await Verification.of(store, heads: heads, cut: cut)
  }

  /// A retirement as these tests write it.
  private func cut(_ entry: AuditEntry) -> ChainHead? {
    let text = String(decoding: entry.record, as: UTF8.self)
    return text.hasPrefix("retired ") ? ChainHead(String(text.dropFirst(8))) : nil
  }

  @Test func whatIsWrittenIsReadAndWhole() async throws {
    let place = Place()
    let store = try await filled(place, 2_500)
    let found = try await verified(store)
    #expect(found.isSound && found.records == 2_500 && found.first == 1 && found.last == 2_500)
    let entries = try await store.entries(after: 2_400)
    #expect(entries.map(\.number) == Array(2_401...2_500))
    #expect(entries[0].record == record(2_401))
    // By itself: each link is made from the one in front of it.
    var head = ChainHead(number: 2_400, link: try await store.entries(after: 2_399)[0].link)
    for entry in entries {
      head = store.chain.next(after: head, entry.record)
      #expect(head.link == entry.link)
    }
    #expect(try await store.books().head == head)
    #expect(ChainHead(head.text) == head)
  }

  @Test func nobodyElseMayReadTheFile() async throws {
    let place = Place()
    // Its other files go with the last who has it open.
    let store = try await filled(place, 1)
    for path in [place.store, place.store + "-wal"] {
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o077 == 0)
    }
    #expect(try await store.books().head.number == 1)
  }

  /// Each way of tampering, as somebody with SQLite at hand would, and what is said of it.
  @Test(
    arguments: [
      ("UPDATE audit_record SET record = replace(record, '\"n\":7,', '\"n\":8,') WHERE number = 7", [.changed(7)]),
      ("UPDATE audit_record SET link = zeroblob(32) WHERE number = 7", [.changed(7), .changed(8)]),
      ("DELETE FROM audit_record WHERE number = 7", [.missing(7, 7)]),
      ("DELETE FROM audit_record WHERE number < 3", [.missing(1, 2)]),
      ("DELETE FROM audit_record WHERE number > 18", [.cutOff(after: 18, head: 20)]),
      ("DELETE FROM audit_record", [.cutOff(after: 0, head: 20)]),
      (
        "UPDATE audit_record SET number = -1 WHERE number = 5; UPDATE audit_record SET number = 5 WHERE number = 6; "
          + "UPDATE audit_record SET number = 6 WHERE number = -1", [.changed(5), .changed(6), .changed(7)]
      ),
      (
        "DELETE FROM audit_record WHERE number = 7; UPDATE audit_record SET number = number - 1 WHERE number > 7",
        (7...19).map { .changed($0) } + [.cutOff(after: 19, head: 20)]
      ),
      (
        "DELETE FROM audit_record WHERE number > 18; UPDATE audit_books SET number = 18, "
          + "link = (SELECT link FROM audit_record WHERE number = 18)", [.books]
      ),
      ("INSERT INTO audit_record SELECT 21, record, link FROM audit_record WHERE number = 3", [.added(after: 20)]),
      (
        "DELETE FROM audit_record WHERE number < 4; UPDATE audit_books SET retired = 3",
        [.books, .changed(4), .retired(3)]
      ),
    ] as [(String, [Verification.Fault])])
  func tamperingIsFound(sql: String, faults: [Verification.Fault]) async throws {
    let place = Place()
    let store = try await filled(place, 20, key: Array("a key of which nobody knows anything".utf8))
    #expect(try await verified(store).isSound)
    try tamper(place.store, sql)
    #expect(try await verified(store).faults == faults)
  }

  private func tamper(_ path: String, _ sql: String) throws {
    let python = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()"
    #expect(run("python3", "-c", python, path, sql) == 0)
  }

  private func run(_ words: String...) -> Int32 {
    var process = pid_t()
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    guard posix_spawnp(&process, words[0], nil, nil, arguments, environ) == 0 else { return -1 }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    return status
  }

  /// Somebody makes all of it anew, from where a head had been kept elsewhere.
  @Test func aHeadKeptElsewhereOutlivesAForgery() async throws {
    let place = Place()
    let store = try await filled(place, 10)
    let kept = try await store.books().head
    #expect(try await verified(store, heads: [kept]).isSound)
    for path in [place.store, place.store + "-wal", place.store + "-shm"] { unlink(path) }
    let forged = try SQLiteStore(at: place.store, key: nil, mayCreate: true)
    for number in 1...12 { _ = try await forged.append([record(number)]) }
    #expect(try await verified(forged).isSound)
    #expect(try await verified(forged, heads: [kept]).faults == [.otherHead(10)])
  }

  /// Whoever lacks the key can neither add to the chain nor make a head for less of it.
  @Test func withoutTheKeyNothingIsAdded() async throws {
    let place = Place()
    _ = try await filled(place, 3, key: Array("a key of which nobody knows anything".utf8))
    for key in [nil, Array("another key that somebody has guessed".utf8)] as [[UInt8]?] {
      let other = try SQLiteStore(at: place.store, key: key, mayCreate: true)
      await #expect { try await other.append([record(4)]) } throws: { ($0 as? StoreError)?.code == .broken }
      #expect(try await verified(other).faults.contains(.books))
    }
  }

  @Test func retirementKeepsTheChain() async throws {
    let place = Place()
    let store = try await filled(place, 20)
    let kept = try await store.books().head
    let old = ChainHead(number: 5, link: try await store.entries(after: 4)[0].link)
    try await store.retire(through: 12) { Array("retired \($0.text)".utf8) }
    var found = try await verified(store, heads: [kept, old])
    #expect(found.isSound && found.first == 13 && found.last == 21 && found.retired.number == 12)
    #expect(found.tooOld == [old])
    _ = try await store.append([record(22)])
    try await store.retire(through: 22) { Array("retired \($0.text)".utf8) }
    found = try await verified(store)
    #expect(found.isSound && found.records == 1 && found.first == 23)
  }

  /// Several programs write to one file, many records at once.
  @Test func manyWritersMakeOneChain() async throws {
    let place = Place()
    let path = place.store
    _ = try SQLiteStore(at: path, key: nil, mayCreate: true)
    let writers = try (0..<3).map { _ in AuditWriter(try SQLiteStore(at: path, key: nil, mayCreate: true)) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<600 {
        group.addTask { try await writers[number % 3].append(record(number)) }
      }
      try await group.waitForAll()
    }
    let found = try await verified(try SQLiteStore(at: path, key: nil, mayCreate: false))
    #expect(found.isSound && found.records == 600)
  }

  @Test func whatIsNoStoreIsLeftAlone() async throws {
    let place = Place()
    #expect { try SQLiteStore(at: place.store, key: nil, mayCreate: false) } throws: {
      ($0 as? StoreError)?.code == .unreachable
    }
    #expect(
      run(
        "python3", "-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table t(a)')",
        place.path + "/other.db") == 0)
    #expect(
      run("sh", "-c", "echo 'this is no database, and it is long enough to look like one' > \(place.path)/text") == 0)
    for name in ["other.db", "text"] {
      for mayCreate in [true, false] {
        #expect { try SQLiteStore(at: place.path + "/" + name, key: nil, mayCreate: mayCreate) } throws: {
          ($0 as? StoreError)?.code == .foreign
        }
      }
    }
    await #expect {
      try await AuditWriter(try SQLiteStore(at: place.store, key: nil, mayCreate: true)).append(
        [UInt8](repeating: 32, count: 9 << 20))
    } throws: {
      ($0 as? StoreError)?.code == .full
    }
  }
}
