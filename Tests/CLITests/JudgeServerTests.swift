// `pgadvisor judge --connection` on a live server: what names mean there, in one snapshot, also after a setup script.

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

@Suite(.needsServer) struct JudgeServerTests {
  /// Runs a shell script in a directory of its own, with the program as `$0` and the database's URL as `$1`.
  private func shell(_ script: String, _ url: String) throws -> CommandOutput {
    try runCommand([
      "sh", "-c",
      "directory=$(mktemp -d); cd \"$directory\"; \(script)\ncode=$?; cd /; rm -r \"$directory\"; exit $code",
      program, url,
    ])
  }

  private func answers(_ output: CommandOutput) throws -> [JSONValue] {
    try output.text.split(separator: "\n").filter { $0.hasPrefix("{") }.map { try JSONValue(parsing: String($0)) }
  }

  private static let schema = """
    CREATE SEQUENCE s;
    CREATE TABLE t (id int, name text);
    CREATE VIEW v AS SELECT id FROM t;
    CREATE VIEW loud AS SELECT nextval('s') FROM t;
    """

  @Test func namesMeanWhatTheyMeanThere() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let input = """
        {"id": 1, "sql": "SELECT name FROM t"}
        {"id": 2, "sql": "SELECT * FROM v"}
        {"id": 3, "sql": "SELECT * FROM loud"}
        {"id": 4, "sql": "SELECT * FROM absent"}
        {"id": 5, "sql": "SELECT upper(name) FROM public.t"}
        """
      let output = try await onOwnThread {
        try runCommand([program, "judge", "--jsonl", "--connection", url], input: input)
      }
      #expect(output.status == 0, "\(output.text)")
      let found = try answers(output)
      #expect(found.map { $0["verdict"]?.string } == ["read", "read", "write", "read", "read"])
      #expect(found[0]["relations"] == ["public.t"])
      #expect(found[0]["columns"]?["public.t"] == ["name"])
      #expect(found[1]["relations"] == ["public.v", "public.t"])
      #expect(found[4]["functions"] == ["pg_catalog.upper(text)"] || found[4]["functions"] == ["pg_catalog.upper"])
    }
  }

  /// What happens meanwhile does not change what is remembered: the run sees one state of the database.
  @Test func oneRunSeesOneSnapshot() async throws {
    try await withDatabase(schema: Self.snapshotSchema) { url in
      let psql = try ScratchCluster.shared().psql
      let output = try await onOwnThread {
        try self.shell(
          """
          mkfifo in out; exec 3<>in 4<>out
          "$0" judge --jsonl --connection "$1" in >out 3>&- 4>&- &
          echo '{"sql": "SELECT * FROM early"}' >&3; timeout 60 head -n 1 <&4
          \(psql) -q -X -d "$1" -c 'CREATE TABLE late ()' -c 'DROP TABLE early' 2>&1
          echo '{"sql": "SELECT * FROM late"}' >&3; timeout 60 head -n 1 <&4
          echo '{"sql": "SELECT 2 FROM early"}' >&3; timeout 60 head -n 1 <&4
          exec 3>&-; wait
          """, url)
      }
      let found = try answers(output)
      // A name without a schema is one that was not found.
      #expect(found.map { $0["relations"] } == [["public.early"], ["late"], ["public.early"]], "\(output.text)")
    }
  }

  private static let snapshotSchema = "CREATE TABLE early (a int)"

  @Test func aSetupScriptIsRunAndRolledBack() async throws {
    try await withDatabase { url in
      let output = try await onOwnThread {
        try self.shell(
          #"""
          printf 'BEGIN;\nCREATE TABLE made (a int);\n\nCREATE TABEL wrong;\nINSERT INTO absent VALUES (1);\n' > setup.sql
          printf 'CREATE VIEW seen AS SELECT a FROM made;\nCOMMIT;\nCOPY made FROM STDIN;\n' >> setup.sql
          echo '{"id": 1, "sql": "SELECT a FROM seen"}' | "$0" judge --jsonl --connection "$1" --setup-sql setup.sql
          """#, url)
      }
      #expect(output.status == 0, "\(output.text)")
      let found = try answers(output)
      #expect(found.map { $0["relations"] } == [["public.seen", "public.made"]])
      let warnings = output.text.split(separator: "\n").filter { $0.hasPrefix("pgadvisor: warning: ") }
        .map { $0.dropFirst("pgadvisor: warning: ".count) }
      let expected = [
        "setup.sql:1: left out: all runs in one", "setup.sql:7: left out: all runs in one",
        "setup.sql:8: left out: COPY needs a data channel", "setup.sql:4: syntax error",
        "setup.sql:5: relation \"absent\" does not exist",
      ]
      #expect(warnings.count == expected.count, "\(warnings)")
      for (warning, beginning) in zip(warnings, expected) { #expect(warning.hasPrefix(beginning), "\(warning)") }
      let left = try ScratchCluster.shared().run(
        "SELECT count(*) FROM pg_class WHERE relname IN ('made', 'seen')", in: Self.name(of: url))
      #expect(left == "0\n")
    }
  }

  @Test func aFunctionCanBeAllowed() async throws {
    let schema = "CREATE FUNCTION total(a integer, b text) RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'"
    try await withDatabase(schema: schema) { url in
      func verdict(_ options: String...) async throws -> JSONValue {
        let output = try await onOwnThread {
          try runCommand([program, "judge", "--json", "--connection", url] + options, input: "SELECT total(1, 'x')")
        }
        return try JSONValue(parsing: output.text)
      }
      let refused = try await verdict("--allow-function", "public.total(integer)")
      #expect(refused["verdict"]?.string == "admin")
      let signature = try #require(refused["functions"]?[0]?.string)
      #expect(signature.hasPrefix("public.total("))
      let allowed = try await verdict("--allow-function", signature)
      #expect(allowed["verdict"]?.string == "read", "\(allowed)")
    }
  }

  @Test func aLostConnectionIsAFailure() async throws {
    try await withDatabase(schema: Self.snapshotSchema) { url in
      let psql = try ScratchCluster.shared().psql
      let output = try await onOwnThread {
        try self.shell(
          """
          mkfifo in out; exec 3<>in 4<>out
          "$0" judge --jsonl --connection "$1" in >out 3>&- 4>&- &
          program=$!
          echo '{"sql": "SELECT * FROM early"}' >&3; timeout 60 head -n 1 <&4
          \(psql) -q -X -A -t -d "$1" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'pgadvisor' AND datname = current_database()" >/dev/null
          echo '{"sql": "SELECT * FROM other"}' >&3; exec 3>&-; wait $program
          """, url)
      }
      #expect(output.status == 2, "\(output.text)")
      #expect(output.text.contains("pgadvisor: the catalog cannot be read: connection to the server was lost"))
    }
  }

  private static func name(of url: String) -> String {
    String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
  }
}
