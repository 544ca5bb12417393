// What an agent did before it proposed something, as the audit has it.

package import JSON
internal import Store

/// One earlier call of the same agent, for the same user, on the same connection.
package struct EarlierCall: Sendable, Equatable {
  /// Of its record in the audit.
  package var number: Int64
  package var time: String
  package var tool: String
  package var outcome: String
  package var rows: Int?
  /// As it was sent; long ones are cut.
  package var sql: String?

  /// nil: another's, or no call.
  init?(_ entry: AuditEntry, of principal: Principal, on connection: String) {
    guard let record = try? JSONValue(parsing: entry.record), record["call"]?.string != nil,
      record["agent"]?.string == principal.name, record["user"]?.string == principal.onBehalfOf,
      record["connection"]?.string == connection, let time = record["time"]?.string,
      let tool = record["tool"]?.string, let outcome = record["outcome"]?.string
    else { return nil }
    (number, self.time, self.tool, self.outcome) = (entry.number, time, tool, outcome)
    rows = record["rows"]?.integer.map { Int($0) }
    sql = (record["sql"]?.string).map {
      $0.count > ProposalRules.earlierText ? "\($0.prefix(ProposalRules.earlierText))…" : $0
    }
  }

  init?(_ json: JSONValue) {
    guard let number = json["record"]?.integer, let time = json["time"]?.string, let tool = json["tool"]?.string,
      let outcome = json["outcome"]?.string
    else { return nil }
    (self.number, self.time, self.tool, self.outcome) = (number, time, tool, outcome)
    rows = json["rows"]?.integer.map { Int($0) }
    sql = json["sql"]?.string
  }

  package var json: JSONValue {
    [
      "record": .integer(number), "time": .string(time), "tool": .string(tool), "outcome": .string(outcome),
      "rows": rows.map { .integer(Int64($0)) } ?? .null, "sql": sql.map { .string($0) } ?? .null,
    ]
  }
}

extension ProposalDesk {
  /// The last ones in an hour, in their order: of the audit's newest records, not of all.
  func earlierCalls(of principal: Principal, on connection: String) async throws(StoreError) -> [EarlierCall] {
    let since = WallTime(seconds: Int(try await store.now() / 1_000) - ProposalRules.earlierSeconds).description
    let head = try await store.books().head.number
    var number = max(0, head - ProposalRules.earlierRecords)
    var calls: [EarlierCall] = []
    while number < head {
      let entries = try await store.entries(after: number)
      guard let last = entries.last else { break }
      number = last.number
      calls += entries.compactMap { EarlierCall($0, of: principal, on: connection) }.filter { $0.time >= since }
      calls = calls.suffix(ProposalRules.earlierCalls)
    }
    return calls
  }
}
