// The chain in a database that several servers share.

import Database
import Store
import Support
import Testing

@Suite(.needsServer) struct PostgresStoreTests {
  private func record(_ number: Int) -> [UInt8] { Array(#"{"n":\#(number),"text":"\\ \" { é"}"#.utf8) }

  private func cut(_ entry: AuditEntry) -> ChainHead? {
    let text = String(decoding: entry.record, as: UTF8.self)
    return text.hasPrefix("retired ") ? ChainHead(String(text.dropFirst(8))) : nil
  }

  private func store(_ url: String, key: [UInt8]? = nil, mayCreate: Bool = true) async throws -> PostgresStore {
    try await PostgresStore(at: ConnectionTarget(url: url), key: key, mayCreate: mayCreate)
  }

  /// Each of several servers adds many records at once, the first of them while there is no table yet.
  @Test func serversThatShareADatabaseMakeOneChain() async throws {
    try await withDatabase { url in
      async let first = store(url)
      async let second = store(url)
      let writers = [AuditWriter(try await first), AuditWriter(try await second)]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<400 { group.addTask { try await writers[number % 2].append(record(number)) } }
        try await group.waitForAll()
      }
      let reader = try await store(url, mayCreate: false)
      let found = try await Verification.of(reader, cut: cut)
      #expect(found.isSound && found.records == 400)
      let records = try await reader.entries(after: 0).map(\.record)
      #expect(Set(records) == Set((0..<400).map(record)))
    }
  }

  @Test func tamperingAndRetirementAreTold() async throws {
    try await withDatabase { url in
      let key = [UInt8](repeating: 7, count: 32)
      let chain = try await store(url, key: key)
      for number in 1...10 { _ = try await chain.append([record(number)]) }
      try await chain.retire(through: 4) { Array("retired \($0.text)".utf8) }
      var found = try await Verification.of(chain, cut: cut)
      #expect(found.isSound && found.first == 5 && found.last == 11)
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("UPDATE pgadvisor.audit_record SET record = 'x' WHERE number = 7")
      try await session.execute("DELETE FROM pgadvisor.audit_record WHERE number = 10")
      await session.close()
      found = try await Verification.of(chain, cut: cut)
      #expect(found.faults == [.changed(7), .missing(10, 10)])
      let other = try await store(url, key: nil)
      await #expect { try await other.append([record(1)]) } throws: { ($0 as? StoreError)?.code == .broken }
    }
  }

  /// Where somebody ends the session, the call that was under way fails, and the next one is kept.
  @Test func aLostSessionIsOpenedAnew() async throws {
    try await withDatabase { url in
      let chain = try await store(url)
      _ = try await chain.append([record(1)])
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
      )
      await session.close()
      _ = try? await chain.append([record(2)])
      _ = try await chain.append([record(3)])
      let found = try await Verification.of(chain, cut: cut)
      #expect(found.isSound && (2...3).contains(found.records))
    }
  }

  @Test func aDatabaseWithoutAStoreIsLeftAlone() async throws {
    try await withDatabase { url in
      await #expect { try await store(url, mayCreate: false) } throws: { ($0 as? StoreError)?.code == .foreign }
    }
    await #expect { try await store("postgresql://127.0.0.1:1/x") } throws: {
      ($0 as? StoreError)?.code == .unreachable
    }
  }
}
