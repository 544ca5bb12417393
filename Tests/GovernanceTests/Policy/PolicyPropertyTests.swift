// What holds of policies whatever is asked: twins answer alike, and what is narrower never admits more.

import Foundation
import Support
import Testing

@testable import Governance

@Suite struct PolicyPropertyTests {
  /// `PGADVISOR_POLICY_QUERIES`, in a full run 10,000.
  private static let count = ProcessInfo.processInfo.environment["PGADVISOR_POLICY_QUERIES"].flatMap { Int($0) } ?? 300

  @Test(.needsServer) func twinsAnswerAlike() async throws {
    try await PolicyTwins.with { twins in
      await withSeededRandom { random in
        var queries = PolicyQueries()
        var finished = 0
        for _ in 0..<Self.count {
          let text = queries.query(&random)
          let first = await twins.answer(of: 0, to: text)
          let second = await twins.answer(of: 1, to: text)
          #expect(first == second, "\(text) (\(random))")
          for secret in PolicyTwins.secrets where first.contains(secret) {
            #expect(Bool(false), "\(text): \(first) (\(random))")
          }
          if first.hasPrefix("[") { finished += 1 }
          if first != second { return }
        }
        #expect(finished > Self.count / 3, "\(finished) of \(Self.count) ran (\(random))")
      }
    }
  }

  @Test func aNarrowerPolicyNeverAdmitsMore() async {
    await withSeededRandom { random in
      for _ in 0..<2_000 {
        let wide = Self.policies(&random)
        let narrow = wide + Self.policies(&random)
        let principal = Principal(name: "agent")
        guard let first = EffectivePolicy(wide, for: principal), let second = EffectivePolicy(narrow, for: principal)
        else { continue }
        for schema in ["a", "b"] {
          #expect(first.admits(schema: schema) || !second.admits(schema: schema), "\(random)")
          for name in ["t", "u"] {
            let table = TableName(schema: schema, name: name)
            let ancestors = Bool.random(using: &random) ? [TableName(schema: "b", name: "u")] : []
            #expect(first.admits(table, under: ancestors) || !second.admits(table, under: ancestors), "\(random)")
            let (before, after) = (first.rule(of: table, under: ancestors), second.rule(of: table, under: ancestors))
            for column in ["c", "d", "e"] {
              #expect(before.has(column) || !after.has(column), "\(random)")
              // Every mask there was is there still, as the first ones.
              #expect(after.masks[column, default: []].starts(with: before.masks[column, default: []]), "\(random)")
            }
            #expect(after.filters.starts(with: before.filters), "\(random)")
          }
        }
        #expect(first.limits.rows ?? .max >= second.limits.rows ?? .max, "\(random)")
      }
    }
  }

  private static func policies(_ random: inout SeededRandom) -> [Policy] {
    (0..<Int.random(in: 1...2, using: &random)).map { _ in
      var policy = Policy()
      func some(_ names: [String], _ random: inout SeededRandom) -> Set<String> {
        Set(names.filter { _ in Bool.random(using: &random) })
      }
      let tables = ["t", "u", "a.t", "b.*", "b.u"]
      if Bool.random(using: &random) { policy.allowSchemas = some(["a", "b"], &random) }
      if Bool.random(using: &random) { policy.allowTables = some(tables, &random) }
      if Int.random(in: 0..<3, using: &random) == 0 { policy.denyTables = some(tables, &random) }
      for name in some(tables, &random) {
        var rule = TableRule()
        if Bool.random(using: &random) { rule.allowColumns = some(["c", "d"], &random) }
        rule.denyColumns = some(["e"], &random)
        for column in some(["c", "d"], &random) {
          rule.masks[column] = [.full, .null, .email].randomElement(using: &random)
        }
        if Bool.random(using: &random) { rule.rowFilter = "c = \(Int.random(in: 0...3, using: &random))" }
        policy.tables[name] = rule
      }
      policy.limits.rows = Bool.random(using: &random) ? Int.random(in: 1...100, using: &random) : nil
      return policy
    }
  }
}
