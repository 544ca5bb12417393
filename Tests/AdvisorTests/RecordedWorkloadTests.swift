// What is left of a recorded statement for somebody from whom a policy hides something, and on which servers.

import Advisor
import Database
import Testing

struct RecordedWorkloadTests {
  @Test(arguments: [
    ("SELECT id FROM t WHERE a = $1 ORDER BY 1", "SELECT id FROM t WHERE a = $1 ORDER BY 1"),
    ("SELECT id FROM t WHERE a = 'x' AND b = $1;", "SELECT id FROM t WHERE a = $2 AND b = $1"),
    ("SELECT a::numeric(8, 2), \"userId\" FROM t", "SELECT a::numeric(8, 2), \"userId\" FROM t"),
    ("/* ada@example.com */ UPDATE t SET a = -5 WHERE b IN (1, 2.5) -- ada", "UPDATE t SET a = $1 WHERE b IN ($2, $3)"),
    ("SELECT a /* x */ FROM t", "SELECT a   FROM t"),
  ])
  func nothingIsLeftOfValues(_ recorded: String, _ shown: String) {
    #expect(ShownStatement.text(of: recorded) == shown)
  }

  @Test(arguments: [
    "", "SELECT 1; SELECT 2", "SET work_mem = '1MB'", "COMMENT ON TABLE t IS 'x'", "CREATE TABLE a AS SELECT 1",
    "SELECT 1 AS \"ada@example.com\"", "SELECT 1 AS U&\"d\\0061\"", "SELECT n'abc' FROM t", "SELECT a FROM",
    "SELECT extract('year' FROM a) FROM t WHERE b = n'x'", "EXPLAIN SELECT 1", "PREPARE p AS SELECT 1",
    "SELECT a, b FROM t GROUP BY GROUPING SETS ((a, 17 + b), (b))",
  ])
  func whatMayHoldAValueIsNotShown(_ recorded: String) {
    #expect(ShownStatement.text(of: recorded) == nil)
  }

  @Test(arguments: [
    (150_000, "1.10", true), (170_000, "1.11", true), (140_000, "1.9", true), (140_000, "1.8", false),
    (130_000, "1.8", false), (180_000, "1.12", false), (190_000, "1.13", false), (150_000, "", false),
  ])
  func whereEntriesAreOfCertainTables(_ number: Int, _ version: String, _ isCertain: Bool) {
    var server = ServerInfo(versionNumber: number, versionText: "", database: "d", user: "u")
    server.statStatements = .installed(schema: "public", version: version)
    server.preloadsStatStatements = true
    let failure: AdviceFailure?
    do throws(AdviceFailure) {
      try RecordedWorkload.check(server)
      failure = nil
    } catch { failure = error }
    #expect((failure == nil) == isCertain)
    #expect(failure?.message.contains("a policy hides something") ?? true)
  }
}
