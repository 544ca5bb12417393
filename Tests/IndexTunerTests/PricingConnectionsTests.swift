// Prices over several connections: the same whoever asks, also when one of them is lost on the way.

import Database
import IndexTuner
import Support
import Testing

@Suite(.needsServer) struct PricingConnectionsTests {
  private static let schema = contents(of: packageFile("Fixtures/advice/schema.sql")) ?? ""

  private struct Question {
    var subject: HypotheticalIndexes.Subject
    var requests: [PriceRequest]
  }

  /// Twenty-four statements, each with the index that serves it, one that does not, and both.
  private static var question: Question {
    let columns = ["customer_id", "status", "placed_at"]
    let candidates = columns.map { column in
      IndexDefinition(table: 1, schema: "public", tableName: "orders", keys: [.init(column)])
    }
    var queries: [Query] = []
    var requests: [PriceRequest] = []
    for number in 0..<24 {
      let text =
        number == 7
        ? "SELECT nonsense FROM orders"
        : "SELECT * FROM orders WHERE \(["status = 'pending'", "placed_at < '2024-01-0\(number % 9 + 1)'"][number % 2])"
      queries.append(
        Query(
          id: number, fingerprint: "\(number)", text: text, origin: .argument(number), weight: 1,
          searchPath: ["public"], shape: QueryShape(command: .select),
          variants: [PlanVariant(request: planned(text), share: 1)]))
      for indexes in [[], [1], [2], [1, 2], [0, 1, 2]] {
        requests.append(PriceRequest(query: number, indexes: IndexSet(indexes)))
      }
    }
    return Question(
      subject: HypotheticalIndexes.Subject(
        candidates: candidates, queries: queries, relevant: queries.map { _ in IndexSet([0, 1, 2]) },
        planningTimes: queries.indices.map { Double($0 % 5) }), requests: requests)
  }

  private static func planned(_ text: String) -> PlanRequest { PlanRequest(planning: text) }

  private func priced(
    _ url: String, over count: Int, until patience: Patience = Patience(),
    meanwhile: @escaping @Sendable ([Session]) async throws -> Void = { _ in }
  ) async throws -> [Price?] {
    var sessions: [Session] = []
    for _ in 0..<count { sessions.append(try await Session.open(ConnectionTarget(url: url))) }
    let answers = try await inTransactions(sessions[...]) {
      let question = Self.question
      return try await HypotheticalIndexes.lend(
        on: sessions, question.subject, limits: Limits(), counter: PlanningCounter()
      ) { model throws(TuningError) in
        do { try await meanwhile(sessions) } catch { throw TuningError(.database, "\(error)") }
        return try await model.prices(question.requests, until: patience)
      }
    }
    for session in sessions { await session.close() }
    return answers
  }

  private func inTransactions<R: Sendable>(
    _ sessions: ArraySlice<Session>, _ body: () async throws -> R
  ) async throws -> R {
    guard let first = sessions.first else { return try await body() }
    return try await first.readOnly { _ in try await inTransactions(sessions.dropFirst(), body) }
  }

  @Test func anyNumberOfConnectionsGivesTheSamePrices() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let one = try await priced(url, over: 1)
      #expect(one.filter { $0 == nil }.count == 5, "those of the statement that cannot be planned")
      #expect(Set(one.compactMap { $0?.used.members }).count > 1)
      #expect(try await priced(url, over: 2) == one)
      #expect(try await priced(url, over: 5) == one)
    }
  }

  @Test func whatALostConnectionWasToAskIsAskedByTheOthers() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let one = try await priced(url, over: 1)
      let other = try await priced(url, over: 3) { sessions in
        let own: [Int] = try await sessions[2].rows("SELECT pg_backend_pid()")
        try await sessions[0].execute("SELECT pg_terminate_backend($1::int), pg_sleep(0.5)", ["\(own[0])"])
      }
      #expect(other == one)
    }
  }

  @Test func sizesAreTheSameOverManyConnectionsAndWithoutALostOne() async throws {
    let columns = ["customer_id", "status", "nonsense", "placed_at", "note"]
    let candidates = columns.map { column in
      IndexDefinition(table: 1, schema: "public", tableName: "orders", keys: [.init(column)])
    }
    try await withDatabase(schema: Self.schema) { url in
      func sizes(over count: Int, losing lost: Int? = nil) async throws -> [Int64?] {
        var sessions: [Session] = []
        for _ in 0..<count { sessions.append(try await Session.open(ConnectionTarget(url: url))) }
        let found = try await inTransactions(sessions[...]) {
          try await HypotheticalIndexes.lend(
            on: sessions, HypotheticalIndexes.Subject(candidates: candidates), limits: Limits(),
            counter: PlanningCounter()
          ) { model throws(TuningError) in
            do {
              if let lost {
                let own: [Int] = try await sessions[lost].rows("SELECT pg_backend_pid()")
                try await sessions[0].execute("SELECT pg_terminate_backend($1::int), pg_sleep(0.5)", ["\(own[0])"])
              }
            } catch { throw TuningError(.database, "\(error)") }
            return try await model.sizes()
          }
        }
        for session in sessions { await session.close() }
        return found.map { try? $0.get() }
      }
      let one = try await sizes(over: 1)
      #expect(one.map { $0 == nil } == [false, false, true, false, false], "there is no such column")
      #expect(try await sizes(over: 2) == one)
      #expect(try await sizes(over: 7) == one)
      #expect(try await sizes(over: 3, losing: 1) == one)
    }
  }

  @Test func withoutTheFirstConnectionThereIsAnErrorAndNoPrice() async throws {
    try await withDatabase(schema: Self.schema) { url in
      await #expect {
        try await priced(url, over: 2) { sessions in
          let own: [Int] = try await sessions[0].rows("SELECT pg_backend_pid()")
          try await sessions[1].execute("SELECT pg_terminate_backend($1::int), pg_sleep(0.5)", ["\(own[0])"])
        }
      } throws: { "\($0)".contains("connection to the server was lost") }
    }
  }

  /// Two indexes that begin alike cost a statement the same, and the planner takes one by the order in which they were made.
  @Test func whatWasAskedBeforeChangesNoPrice() async throws {
    let text = "SELECT * FROM orders WHERE status = 'pending'"
    let candidates = [["status", "customer_id"], ["status", "id"], ["status", "placed_at"]].map { columns in
      IndexDefinition(table: 1, schema: "public", tableName: "orders", keys: columns.map { .init($0) })
    }
    let query = Query(
      id: 0, fingerprint: "0", text: text, origin: .argument(0), weight: 1, searchPath: ["public"],
      shape: QueryShape(command: .select), variants: [PlanVariant(request: Self.planned(text), share: 1)])
    let subject = HypotheticalIndexes.Subject(
      candidates: candidates, queries: [query], relevant: [IndexSet([0, 1, 2])], planningTimes: [1])
    let sets = [[1], [0, 1], [0], [1, 2], [0, 1, 2], [0, 2], []]
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      func priced(_ sets: [[Int]], anew: Bool) async throws -> [Price?] {
        var answers: [Price?] = []
        for part in anew ? sets.map({ [$0] }) : [sets] {
          answers += try await HypotheticalIndexes.lend(
            on: [session], subject, limits: Limits(), counter: PlanningCounter()
          ) { model throws(TuningError) in
            var found: [Price?] = []
            for set in part {
              found += try await model.prices([PriceRequest(query: 0, indexes: IndexSet(set))], until: Patience())
            }
            return found
          }
        }
        return answers
      }
      try await session.readOnly { _ in
        let alone = try await priced(sets, anew: true)
        #expect(alone[0]?.cost == alone[2]?.cost, "nothing but their order tells them apart")
        #expect(try await priced(sets, anew: false) == alone)
        #expect(try await priced(sets.reversed(), anew: false) == alone.reversed())
      }
      await session.close()
    }
  }

  @Test func nothingIsAskedAfterPatienceIsOver() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let stop = StopSignal()
      stop.raise()
      let answers = try await priced(url, over: 2, until: Patience(stop: stop))
      #expect(answers.allSatisfy { $0 == nil })
    }
  }
}
