// Quotas that several count together: never one call too many, whoever asks.

import Database
import Store
import Support
import Testing

@Suite struct QuotaTests {
  private func taken(_ answers: [QuotaAnswer]) -> Int {
    answers.count { if case .taken = $0 { true } else { false } }
  }

  private func asked(
    _ ledgers: [any QuotaLedger], _ count: Int, _ limits: QuotaLimits, key: String = "shop\tbot\t", lease: Int = 900
  ) async throws -> [QuotaAnswer] {
    try await withThrowingTaskGroup(of: QuotaAnswer.self) { group in
      for number in 0..<count {
        group.addTask { try await ledgers[number % ledgers.count].take(key, limits, lease: lease) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func check(_ ledgers: [any QuotaLedger]) async throws {
    // Twenty-five at once, of which seven may.
    let hour = QuotaLimits(perHour: 7)
    var answers = try await asked(ledgers, 25, hour)
    #expect(taken(answers) == 7 && answers.count { $0 == .perHour } == 18)
    // What has ended is counted all the same; somebody else has a quota of their own.
    for case .taken(let use) in answers { try await ledgers[0].giveBack(use, hour) }
    #expect(try await ledgers[1].take("shop\tbot\t", hour, lease: 900) == .perHour)
    #expect(taken(try await asked(ledgers, 9, QuotaLimits(perMinute: 4), key: "shop\tother\t")) == 4)
    // At a time: as many as have ended may begin.
    let atATime = QuotaLimits(concurrent: 3)
    answers = try await asked(ledgers, 12, atATime, key: "concurrent")
    #expect(taken(answers) == 3 && answers.count { $0 == .concurrent } == 9)
    for case .taken(let use) in answers { try await ledgers[1].giveBack(use, atATime) }
    #expect(taken(try await asked(ledgers, 12, atATime, key: "concurrent")) == 3)
    // Of a server that died nothing is given back: its lease ends.
    #expect(taken(try await asked(ledgers, 2, QuotaLimits(concurrent: 2), key: "dead", lease: 1)) == 2)
    try await Task.sleep(for: .milliseconds(1_300))
    #expect(taken(try await asked(ledgers, 2, QuotaLimits(concurrent: 2), key: "dead")) == 2)
  }

  @Test func processesOverOneFileCountTogether() async throws {
    let place = Place()
    try await check([
      try SQLiteStore(at: place.store, key: nil, mayCreate: true),
      try SQLiteStore(at: place.store, key: nil, mayCreate: true),
    ])
  }

  @Test(.needsServer) func serversOverOneDatabaseCountTogether() async throws {
    try await withDatabase { url in
      try await check([
        try await PostgresStore(at: ConnectionTarget(url: url), key: nil, mayCreate: true),
        try await PostgresStore(at: ConnectionTarget(url: url), key: nil, mayCreate: true),
      ])
    }
  }
}
