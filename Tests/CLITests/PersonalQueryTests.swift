// A person's own query: under the policies of the file, in clear text where that is said, and recorded.

import Foundation
import JSON
import Support
import Testing

@Suite(.needsServer) struct PersonalQueryTests {
  private static let schema = """
    CREATE TABLE public.people (id integer, email text);
    INSERT INTO public.people VALUES (1, 'ada@example.com');
    CREATE TABLE public.pay (amount integer);
    """

  @Test func policiesHoldForPeopleUnlessTheySeeClearText() async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      try await withFiles([:]) { directory in
        let file = "\(directory)/pgadvisor.yaml"
        try write(
          """
          connections: [{name: shop, url: "\(url)"}]
          users: [{name: alice, clear_text: [shop]}, {name: bob}, {name: carol}]
          agents: [{id: bot, on_behalf_of: alice}]
          iam: [{connection: shop, permissions: [read, write], members: ["user:alice", "user:bob"]}]
          policy: {deny_tables: [pay], tables: {people: {mask: {email: email}}}}
          server: {store: "\(directory)/audit.db", local_agent: bot}
          """, to: file)
        func query(_ sql: String, _ arguments: String...) throws -> (status: Int32, text: String) {
          let output = try runCommand([builtProgram, "query", "--config", file] + arguments + [sql])
          return (output.status, output.text)
        }
        let sql = "SELECT id, email FROM people"
        let alice = try query(sql, "--as", "alice")
        #expect(alice.status == 0 && alice.text.contains("ada@example.com"), "\(alice.text)")
        let bob = try query(sql, "--as", "bob", "--json")
        #expect(bob.status == 0 && bob.text.contains("@example.com") && !bob.text.contains("ada@"), "\(bob.text)")
        #expect(try query("SELECT * FROM pay", "--as", "bob").text.contains("not available here"))
        #expect(try query("SELECT * FROM pay", "--as", "alice").status == 0)
        // Nobody writes this way, whatever is granted.
        #expect(try query("DELETE FROM people", "--as", "alice").status == 1)
        for (arguments, status, words) in [
          (["--as", "carol"], 2, "no such connection"), (["--as", "mallory"], 64, "none of the configured users"),
          (["--as", "alice", "--max-bytes", "1kB"], 64, "contradict each other"),
          (["--as", "alice", "--connection", "other"], 2, "no such connection"),
        ] as [([String], Int32, String)] {
          let output = try runCommand([builtProgram, "query", "--config", file] + arguments + [sql])
          #expect(output.status == status && output.text.contains(words), "\(arguments): \(output.text)")
        }
        #expect(try runCommand([builtProgram, "query", "--as", "alice", url, sql]).status == 64)
        // The agent that acts for her sees what the policy leaves.
        let served = try ServedProcess(["--config", file])
        try await served.shakeHands()
        let answer = try await served.call("query", #"{"sql":"SELECT email FROM people"}"#).text()
        #expect(answer.contains("@example.com") && !answer.contains("ada@"), "\(answer)")
        #expect(try await served.end() == 0)
        let records = try runCommand([builtProgram, "audit", "export", "--store", "\(directory)/audit.db"]).text
          .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let first = try #require(records.first)
        #expect(first["agent"] == "command-line" && first["user"] == "alice" && first["tool"] == "pgadvisor query")
        #expect(records.count { $0["tool"] == "pgadvisor query" } == 7)
      }
    }
  }
}
