// `pgadvisor preflight` as CI runs it: exit codes, JSON, standard input, and a database that stays as it was.

import JSON
import Support
import Testing

@Suite(.needsServer) struct PreflightCommandTests {
  private static let schema = """
    CREATE TABLE t (id bigint PRIMARY KEY, n integer);
    INSERT INTO t SELECT g, g FROM generate_series(1, 100) AS g;
    ANALYZE;
    """

  @Test func exitCodesTellWhetherSomethingIsOfConcern() async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let harmless = try runCommand([
        builtProgram, "preflight", url, "--dry-run", "--sql", "ALTER TABLE t ADD COLUMN a text",
      ])
      #expect(harmless.status == 0 && harmless.text.contains("ACCESS EXCLUSIVE"), "\(harmless.text)")
      let scanning = try runCommand([builtProgram, "preflight", url, "--sql", "ALTER TABLE t ADD CHECK (n > 0)"])
      #expect(scanning.status == 1 && scanning.text.contains("NOT VALID"), "\(scanning.text)")
      let failing = try runCommand([
        builtProgram, "preflight", url, "--dry-run", "--sql",
        "ALTER TABLE t ADD CHECK (n > 50) NOT VALID; DELETE FROM x",
      ])
      #expect(failing.status == 1)
      #expect(try runCommand([builtProgram, "preflight", url, "--sql", "SELECT 1", "file.sql"]).status == 64)
      #expect(
        try runCommand([builtProgram, "preflight", "postgresql://nobody@/x?host=/nowhere", "--sql", "SELECT 1"]).status
          == 2)
    }
  }

  @Test func aFileFromStandardInputIsRehearsedAndUndone() async throws {
    let file = """
      BEGIN;
      CREATE TABLE made (id bigint PRIMARY KEY);
      -- of the new table
      INSERT INTO made VALUES (1), (2), (3);
      DROP TABLE t;
      COMMIT;
      """
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let output = try runCommand([builtProgram, "preflight", url, "-", "--dry-run", "--json"], input: file)
      let answer = try JSONValue(parsing: Array(output.text.utf8))
      let statements = try #require(answer.object?["statements"]?.array)
      #expect(output.status == 1 && statements.compactMap { $0.object?["line"]?.integer } == [1, 2, 4, 5, 6])
      #expect(statements[0].object?["left_out"]?.bool == true)
      #expect(statements[2].object?["evidence"]?.object?["expected_rows"]?.integer == 3)
      #expect(statements[3].object?["concerns"]?.array?.isEmpty == false)
      let after = try runCommand([builtProgram, "query", url, "SELECT count(*) FROM t"])
      #expect(after.status == 0 && after.text.contains("100"))
    }
  }
}
