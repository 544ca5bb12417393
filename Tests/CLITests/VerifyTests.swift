// `pgadvisor advise --verify`: on a copy only, estimated beside measured, and nothing is left behind.

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

@Suite(.needsServer) struct VerifyTests {
  private static let schema = """
    CREATE TABLE sales (id int PRIMARY KEY, customer int NOT NULL, region text NOT NULL, amount numeric NOT NULL);
    INSERT INTO sales SELECT g, g * 7919 % 5000, 'region' || g % 7, g % 100 FROM generate_series(1, 60000) g;
    ANALYZE sales;
    """
  private static let queries = [
    "SELECT * FROM sales WHERE customer = 42", "SELECT count(*), sum(amount) FROM sales WHERE customer IN (7, 8)",
    "UPDATE sales SET amount = 0 WHERE customer = 4711",
  ]

  private func advise(_ url: String, _ options: String..., format: String = "json") throws -> CommandOutput {
    try runCommand(
      [program, "advise", url, "--format", format] + Self.queries.flatMap { ["--query", $0] } + options)
  }

  /// A function that the search path alone leads to; the copy need not have the same path.
  @Test func expressionsAreBuiltAsTheStatementsNameThem() async throws {
    let function = """
      CREATE SCHEMA app;
      CREATE FUNCTION app.half(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 / 2; END';
      """
    let path = """
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$;
      """
    try await withDatabase(schema: Self.schema + function + path) { url in
      try await withDatabase(schema: Self.schema + function) { copy in
        let output = try runCommand([
          program, "advise", url, "--format", "json", "--query", "SELECT id FROM sales WHERE half(customer) = 42",
          "--verify", copy, "--verify-runs", "1",
        ])
        let report = try JSONValue(parsing: output.text)
        let index = try #require(report["verification"]?["indexes"]?.array?.first, "\(output.text)")
        #expect(index["failure"] == .null, "\(output.text)")
      }
    }
  }

  @Test func promisesStandBesideWhatWasMeasuredOnTheCopy() async throws {
    try await withDatabase(schema: Self.schema) { url in
      try await withDatabase(schema: Self.schema) { copy in
        let output = try advise(url, "--verify", copy, "--verify-runs", "2")
        #expect(output.status == 1, "\(output.text)")
        let report = try JSONValue(parsing: output.text)
        let verification = try #require(report["verification"])
        let index = try #require(verification["indexes"]?.array?.first)
        #expect(index["failure"] == .null)
        #expect((index["bytes"]?.integer ?? 0) > 300_000)
        #expect((index["milliseconds_without"]?.double ?? 0) > (index["milliseconds_with"]?.double ?? .infinity))
        let statements = verification["statements"]?.array ?? []
        #expect(statements.count == 2)
        for statement in statements {
          #expect((statement["promised_factor"]?.double ?? 0) > 2)
          #expect(statement["rows"]?["equal"] == .bool(true), "\(statement.text(pretty: false))")
        }
        let skipped = verification["skipped"]?.array ?? []
        #expect(skipped.count == 1 && skipped.first?["reason"]?.string?.contains("writes") == true)
        for database in [url, copy] { #expect(try leftovers(database) == "0 0") }
        for format in ["text", "markdown"] {
          let text = try advise(url, "--verify", copy, "--verify-runs", "1", format: format).text
          #expect(text.contains("Measured on a copy") && text.contains("was not run: it writes"))
        }
      }
    }
  }

  @Test func theAdvisedDatabaseIsNoCopyUnlessItIsSaidToBe() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let refused = try advise(url, "--verify", url)
      #expect(refused.status == 2)
      #expect(refused.text.hasPrefix("pgadvisor: ") && refused.text.contains("--verify-here"))
      #expect(try leftovers(url) == "0 0")
      let allowed = try advise(url, "--verify-here", "--verify-runs", "1")
      #expect(try JSONValue(parsing: allowed.text)["verification"]?["statements"]?.array?.count == 2)
      #expect(try leftovers(url) == "0 0")
    }
  }

  @Test func whatIsMissingOnTheCopyIsSaidAndNothingElseIsHarmed() async throws {
    try await withDatabase(schema: Self.schema) { url in
      try await withDatabase { copy in
        let report = try JSONValue(parsing: try advise(url, "--verify", copy).text)
        let index = report["verification"]?["indexes"]?.array?.first
        #expect(index?["failure"]?.string?.contains("sales") == true)
        #expect(report["verification"]?["statements"]?.array?.isEmpty == true)
        #expect(report["recommendations"]?.array?.isEmpty == false)
      }
    }
  }

  @Test func aReplicaIsNoCopy() async throws {
    let cluster = try await onOwnThread {
      let cluster = try ScratchCluster.start(ScratchCluster.Options())
      try cluster.run("CREATE DATABASE shop")
      try cluster.control("stop")
      _ = try cluster.asServer(["touch", "\(cluster.directory)/data/standby.signal"])
      try cluster.control("start")
      return cluster
    }
    try await withDatabase(schema: Self.schema) { url in
      let refused = try advise(url, "--verify", cluster.url(database: "shop"))
      #expect(refused.status == 2)
      #expect(refused.text.contains("the copy is a replica") && refused.text.contains("TEMPLATE"), "\(refused.text)")
    }
  }

  @Test(.enabled(if: Pooler.program != nil, "skipped: no pgbouncer"))
  func aPoolerIsNotVerifiedThrough() async throws {
    try await withDatabase(schema: Self.schema) { url in
      try await withDatabase(schema: Self.schema) { copy in
        let pooler = try Pooler.start(before: try ScratchCluster.shared())
        let database = String(copy.split(separator: "?")[0].split(separator: "/").last ?? "")
        let refused = try advise(url, "--verify", pooler.url(database: database))
        #expect(refused.status == 2)
        #expect(refused.text.contains("a pooler stands before the copy"), "\(refused.text)")
        #expect(try leftovers(copy) == "0 0")
      }
    }
  }

  /// Indexes of ours, and rows that the UPDATE would have changed.
  private func leftovers(_ url: String) throws -> String {
    let database = String(url.split(separator: "?")[0].split(separator: "/").last ?? "")
    return try ScratchCluster.shared().run(
      """
      SELECT count(*) FILTER (WHERE relname LIKE 'pgadvisor%' AND relkind = 'i') || ' ' ||
        (SELECT count(*) FROM sales WHERE customer = 4711 AND amount = 0 AND id % 100 <> 0) FROM pg_class
      """, in: database
    ).split(separator: "\n").last.map(String.init) ?? ""
  }
}
