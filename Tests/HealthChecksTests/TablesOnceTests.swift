// Questions about all tables that are asked as one: the same answers as alone, and one that fails takes no other along.

import Database
import Support
import Testing

@testable import HealthChecks

@Suite(.needsServer) struct TablesOnceTests {
  private static let faults = #"""
    CREATE TABLE "Odd ""name""" (a int, b text);
    ALTER TABLE "Odd ""name""" ENABLE ROW LEVEL SECURITY;
    CREATE UNLOGGED TABLE unlogged (a int PRIMARY KEY);
    CREATE TABLE keyless (a int) WITH (autovacuum_enabled = off, fillfactor = 70);
    INSERT INTO keyless SELECT * FROM generate_series(1, 20000);
    ANALYZE keyless;
    CREATE TABLE fresh AS SELECT * FROM generate_series(1, 3000) AS a;
    CREATE MATERIALIZED VIEW empty AS SELECT * FROM keyless WITH NO DATA;
    CREATE TABLE changing (a int PRIMARY KEY, b int) WITH (autovacuum_enabled = off);
    INSERT INTO changing SELECT g, g FROM generate_series(1, 20000) AS g;
    CREATE INDEX ON changing (b);
    ANALYZE changing;
    UPDATE changing SET b = b + 1;
    """#

  private func outcomes(_ checks: [any HealthCheck], at url: String) async throws -> [CheckOutcome] {
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await Checkup(checks).run(on: session)
    await session.close()
    return result.outcomes
  }

  @Test func togetherAsAlone() async throws {
    let server = ServerInfo(versionNumber: 150_000)
    let checks = usualChecks.filter { $0.part(for: server) != nil }
    #expect(checks.count > 12)
    try await withDatabase(schema: Self.faults) { url in
      try await Task.sleep(for: .milliseconds(1_500))
      let together = try await outcomes(checks, at: url)
      var alone: [CheckOutcome] = []
      for check in checks { alone += try await outcomes([check], at: url) }
      for (one, other) in zip(together, alone) {
        #expect(one.id == other.id && one.status == other.status)
        #expect(one.omissions == other.omissions, "\(one.id)")
        // Ages go on between two runs.
        if !one.id.hasSuffix("wraparound") { #expect(one.findings == other.findings, "\(one.id)") }
      }
      let found = Set(together.filter { !$0.findings.isEmpty }.map(\.id))
      let planted: Set = [
        "row-security-without-policy", "unlogged-tables", "tables-without-primary-key", "missing-statistics",
        "unpopulated-views", "autovacuum-disabled", "cold-updates", "dead-rows",
      ]
      #expect(planted.isSubset(of: found), "\(found)")
    }
  }

  @Test func onePartThatFailsTakesNoOtherAlong() async throws {
    try await withDatabase(schema: Self.faults) { url in
      let found = try await outcomes([UnloggedTables(), Failing(), UnpopulatedViews()], at: url)
      #expect(found.map(\.findings.count) == [1, 0, 1])
      #expect(found[0].status == .lookedAt && found[2].status == .lookedAt)
      guard case .notLookedAt(let reason) = found[1].status else {
        Issue.record("\(found[1].status)")
        return
      }
      #expect(reason.contains("division by zero"))
    }
  }

  @Test func cellsComeBackAsTheyWere() throws {
    let text = #"{"a":"x \"y\"","b":null,"c":true,"d":-9223372036854775808,"e":1.5,"f":["p,q",null],"g":false}"#
    let rows = StepRows(columns: ["number", "row"], rows: [[Array("1".utf8), Array(text.utf8)]])
    let apart = try #require(TablesOnce.apart(rows, parts: 2))
    #expect(apart[0].rows.isEmpty)
    #expect(apart[1].columns == ["a", "b", "c", "d", "e", "f", "g"])
    let cells = apart[1].columns.indices.map { apart[1].text(0, $0) }
    #expect(cells == ["x \"y\"", nil, "t", "-9223372036854775808", "1.5", #"{"p,q",NULL}"#, "f"])
    #expect(TablesOnce.apart(rows, parts: 1) == nil)
    let broken = StepRows(columns: ["number", "row"], rows: [[Array("0".utf8), Array("{".utf8)]])
    #expect(TablesOnce.apart(broken, parts: 1) == nil)
  }
}

/// Whose part cannot be answered.
private struct Failing: HealthCheck {
  let id = "failing"
  let about = CheckDescription(.schema, "Failing", why: "It fails.", rule: "Always.")
  struct Row: Decodable, Sendable { let number: Int64 }

  func part(for server: ServerInfo) -> SQL? { "SELECT count(*) / 0 AS \"number\" FROM tables" }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] { [] }
}
