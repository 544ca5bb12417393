// `pgadvisor health` as a person runs it: exit codes, selection, baselines, explanations.

import JSON
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private let program: String = {
  let beside = CommandLine.arguments.first.map { path in
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
  }
  let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
  return candidates.first { access($0, X_OK) == 0 } ?? "pgadvisor"
}()

@Suite struct HealthCommandTests {
  private func run(_ arguments: String...) throws -> CommandOutput { try runCommand([program, "health"] + arguments) }

  @Test(arguments: [
    (["--only", "indices"], "did you mean index"), (["--limit", "slow=3"], "slow-ms"),
    (["--limit", "slow-ms=-1"], "--limit takes"), (["--explain-check", "dead-row"], "did you mean dead-rows?"),
    (["a", "b"], "takes one URL"), (["--min-severity", "bad"], "takes one of"),
  ])
  func whatIsWrongIsSaid(arguments: [String], part: String) throws {
    let result = try runCommand([program, "health"] + arguments)
    #expect(result.status == 64)
    #expect(result.text.contains(part), "\(result.text)")
  }

  @Test func explanationsNeedNoServer() throws {
    let one = try run("--explain-check", "dead-rows")
    #expect(one.status == 0)
    #expect(one.text.contains("dead-percent=20") && one.text.contains("pg_stat_get_dead_tuples"))
    let all = try run("--explain-check", "all")
    #expect(all.text.contains("transaction-id-wraparound") && all.text.contains("wraparound-warning-percent=50"))
    let questions = try run("--print-sql", "--only", "sequence")
    #expect(questions.text.contains("-- sequence-exhaustion\n") && !questions.text.contains("-- dead-rows"))
  }

  /// Thresholds of a file, one that knows nothing else, and one that is wrong.
  @Test func thresholdsOfAFile() throws {
    let file = "/tmp/pgadvisor-health-\(UInt32.random(in: 0 ... .max)).yaml"
    defer { unlink(file) }
    func write(_ text: String) throws { try requireCommand(["sh", "-c", "cat > \(file)"], input: text) }
    try write("health:\n  slow_ms: 50\n  slow_mss: 3\n")
    let wrong = try run("--config", file)
    #expect(wrong.status == 64)
    #expect(
      wrong.text.contains("\(file):3:3: \"slow_mss\" is no key of health. Did you mean slow_ms?"), "\(wrong.text)")
    try write("health:\n  slow_ms: fast\n")
    #expect(try run("--config", file).text.contains("slow_ms is a number from 0"))
    #expect(try run("--config", "/nowhere").status == 2)
    try write("health: {slow_ms: 50}\n")
    #expect(try run("--config", file, "postgresql://127.0.0.1:1/x").status == 2)
  }

  @Test func whoCannotLookFails() throws {
    let result = try run("postgresql://127.0.0.1:1/x")
    #expect(result.status == 2)
    #expect(result.text.split(separator: "\n").count == 1)
  }
}

@Suite(.needsServer) struct HealthCommandOnAServerTests {
  @Test func theExitCodeIsThatOfTheWorstFinding() throws {
    let cluster = try ScratchCluster.shared()
    let name = "health_\(UInt32.random(in: 0 ... .max))"
    try cluster.run("CREATE DATABASE \(name)")
    defer { _ = try? cluster.run("DROP DATABASE \(name) WITH (FORCE)") }
    func run(_ arguments: String...) throws -> CommandOutput {
      try runCommand([program, "health", cluster.url(database: name), "--only", "indexes,constraints"] + arguments)
    }
    #expect(try run().status == 0)
    try cluster.run("CREATE TABLE t (a int); CREATE INDEX x ON t (a); CREATE INDEX y ON t (a)", in: name)
    let found = try run("--json")
    #expect(found.status == 1)
    let report = try JSONValue(parsing: found.text)
    #expect(report["findings"]?[0]?["fingerprint"]?.string == "duplicate-indexes/public.y")
    #expect(report["summary"]?["warning"]?.integer == 1)
    #expect(try run("--min-severity", "critical").status == 1)
    let unenforced = """
      CREATE TABLE v (a int PRIMARY KEY); CREATE TABLE u (a int REFERENCES v); ALTER TABLE u DISABLE TRIGGER ALL;
      """
    try cluster.run(unenforced, in: name)
    #expect(try run().status == 3)
    try cluster.run("DROP TABLE u, v", in: name)
    // What the file says holds, and what is typed holds over it.
    let settings = "/tmp/\(name).yaml"
    defer { unlink(settings) }
    try requireCommand(["sh", "-c", "cat > \(settings)"], input: "health: {bloat_bytes: 7, findings_per_check: 1}\n")
    try cluster.run("CREATE INDEX z ON t (a)", in: name)
    #expect(try run("--config", settings).text.contains("1 more findings are not listed"))
    #expect(!(try run("--config", settings, "--limit", "findings-per-check=5").text.contains("not listed")))
    try cluster.run("DROP INDEX z", in: name)
    let file = "/tmp/\(name).json"
    try requireCommand(["sh", "-c", "cat > \(file)"], input: found.text)
    defer { unlink(file) }
    let same = try run("--baseline", file)
    #expect(same.status == 0)
    try cluster.run("DROP INDEX y; ALTER TABLE t ADD CHECK (a > 0) NOT VALID", in: name)
    let other = try run("--baseline", file)
    #expect(other.status == 1)
    #expect(other.text.contains("WARNING (new)") && other.text.contains("gone: duplicate-indexes/public.y"))
    for format in ["markdown", "html", "junit", "sarif", "text"] {
      let result = try run("--format", format)
      #expect(result.status == 1 && result.text.contains("t_a_check"), "\(format)")
    }
  }
}
