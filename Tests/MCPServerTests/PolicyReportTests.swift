// Recorded statements and health under a policy: over what may be seen alone, and kept for whoever may see no more.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.needsServer, .serialized) struct PolicyReportTests {
  private func withWorkload(_ body: (AdviceTwins) async throws -> Void) async throws {
    try await AdviceTwins.with { twins in
      let cluster = try ScratchCluster.shared()
      for place in 0...1 {
        try cluster.run(
          AdviceTwins.workload(AdviceTwins.secrets[place], AdviceTwins.vaults[place], shift: place * 7),
          in: twins.database(place))
      }
      try await body(twins)
    }
  }

  private func expectNothingHidden(_ result: ToolResult, _ what: String) {
    let all = "\(result.content) \(result.structured ?? [:])"
    for word in AdviceTwins.secrets + AdviceTwins.vaults + ["wages", "customers", "12345"] {
      #expect(!all.contains(word), "\(what) shows \(word): \(all.prefix(3_000))")
    }
  }

  private static let shown = [
    "INSERT INTO app.stock", "SELECT count($", "SELECT count(*) FROM products AS a",
    "SELECT id FROM products WHERE name = $1",
    "price FROM app.products WHERE name = $1 AND kind = $2", "SELECT name FROM product_view WHERE price = $1",
    "SELECT id FROM events_2024 WHERE at = $1", "UPDATE app.stock SET place = $1",
  ]

  @Test func topQueriesAreThoseThatTouchNothingHidden() async throws {
    try await withWorkload { twins in
      guard try twins.isRecording() else { return }
      var texts: [[String]] = []
      for place in 0...1 {
        let result = try await twins.call(place, "get_top_queries", ["sort_by": "total_time", "limit": 100])
        #expect(!result.isError, "\(result.text)")
        expectNothingHidden(result, "top \(place)")
        let statements = result.structured?["statements"]?.array ?? []
        texts.append(statements.compactMap { $0["sql"]?.string }.sorted())
        let shares = statements.compactMap { $0["shares"]?["time"]?.double }.reduce(0, +)
        #expect(abs(shares - 1) < 0.001, "\(shares)")
        #expect(result.structured?["recorded_statements"]?.integer == Int64(statements.count))
        #expect(result.text.contains("statements that touch what it rules are not shown"))
        #expect(statements.allSatisfy { $0["role"] == .null })
        for sort in ["resources", "mean_time"] {
          for limit: JSONValue in [1, 3, 100] {
            let some = try await twins.call(place, "get_top_queries", ["sort_by": .string(sort), "limit": limit])
            expectNothingHidden(some, "\(sort) \(limit)")
          }
        }
      }
      #expect(texts[0] == texts[1])
      for text in texts[0] { #expect(Self.shown.contains { text.contains($0) }, "\(text)") }
      for part in Self.shown where part != "SELECT count($" {
        #expect(texts[0].contains { $0.contains(part) }, "\(part) is not in \(texts[0])")
      }
      let result = try await twins.call(0, "get_top_queries", ["sort_by": "total_time", "limit": 100])
      let other = try await twins.call(1, "get_top_queries", ["sort_by": "total_time", "limit": 100])
      #expect(twins.plain(0, result) == twins.plain(1, other))
    }
  }

  @Test func workloadAdviceIsOnThoseAlone() async throws {
    try await withWorkload { twins in
      guard try twins.isRecording(), twins.hasHypoPG else { return }
      var counts: [Int64?] = []
      for place in 0...1 {
        let result = try await twins.call(place, "analyze_workload_indexes", ["time_limit_seconds": 20])
        #expect(!result.isError, "\(result.text)")
        expectNothingHidden(result, "workload \(place)")
        let report = result.structured?["report"]
        let examined = report?["examined"]
        #expect(examined?["hidden_statements"] == 0 && examined?["deallocations"] == .null)
        let statements = (report?["statements"]?.array ?? []) + (report?["skipped"]?.array ?? [])
        #expect(statements.allSatisfy { $0["origin"] == "pg_stat_statements" })
        // Which of them are too light to be looked at the clock decides.
        for text in statements.compactMap({ $0["sql"]?.string }) {
          #expect(Self.shown.contains { text.contains($0) }, "\(text)")
        }
        counts.append(examined?["recorded_statements"]?.integer)
        let advised = report?["recommendations"]?.text() ?? ""
        #expect(advised.contains("products") && result.text.contains("made under a policy"), "\(advised)")
        // Kept for those under this policy, and for nobody else.
        #expect(await twins.resource(place, "pg://twin/advice").contains("pg_stat_statements"))
        #expect(await twins.resource(place, "pg://twin/advice", as: twins.unruled).contains("has not been called yet"))
      }
      #expect(counts[0] == counts[1] && counts[0] == Int64(Self.shown.count - 1))
    }
  }

  @Test func healthIsOfWhatIsFree() async throws {
    try await AdviceTwins.with { twins in
      for words in [
        "all", "index", "vacuum", "connection,sequence", "replication", "buffer", "constraint", "duplicate-indexes",
        "autovacuum-disabled", "security", "queries", "upgrade", "alpha", "unused-tables,largest-tables",
      ] {
        let results = [
          try await twins.call(0, "analyze_db_health", ["health_type": .string(words)]),
          try await twins.call(1, "analyze_db_health", ["health_type": .string(words)]),
        ]
        #expect(twins.plain(0, results[0]) == twins.plain(1, results[1]), "\(words)")
        guard words != "alpha" else { continue }
        for result in results { expectNothingHidden(result, words) }
      }
      let result = try await twins.call(0, "analyze_db_health", [:])
      let found = (result.structured?["report"]?["findings"]?.array ?? []).compactMap { $0["fingerprint"]?.string }
      for wanted in [
        "duplicate-indexes/app.stock_place_too", "autovacuum-disabled/app.stock", "unlogged-tables/app.plain",
        "tables-without-primary-key/app.keyless", "unindexed-foreign-keys/app.stock.stock_product_id_fkey",
      ] { #expect(found.contains(wanted), "\(wanted): \(found)") }
      #expect(result.text.contains("made under a policy"), "\(result.text)")
      // What others have found in the meantime is theirs, and what this caller has found is no news for them.
      let all = try await twins.call(0, "analyze_db_health", [:], as: twins.unruled)
      #expect("\(all.content)".contains("alpha"))
      let (own, others) = (
        await twins.resource(0, "pg://twin/health"), await twins.resource(0, "pg://twin/health", as: twins.unruled)
      )
      #expect(own.contains("app.stock_place_too") && !own.contains("alpha") && others.contains("alpha"))
    }
  }
}

extension AdviceTwins {
  var hasHypoPG: Bool { (try? extensions().contains("hypopg")) ?? false }

  /// pg_stat_statements records, in a way that can be told apart.
  func isRecording() throws -> Bool {
    let found = try extensions()
    guard found.contains("pg_stat_statements") else { return false }
    let version = try ScratchCluster.shared().run("SHOW server_version_num", in: database(0))
    let major = (Int(version.split(separator: "\n").first ?? "") ?? 0) / 10_000
    return (14...17).contains(major)
  }

  private func extensions() throws -> String {
    try ScratchCluster.shared().run("SELECT string_agg(extname, ' ') FROM pg_extension", in: database(0))
  }
}
