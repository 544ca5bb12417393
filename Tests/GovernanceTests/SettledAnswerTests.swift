// Answers that are given again are those that would be given now.

import Database
import JSON
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct SettledAnswerTests {
  @Test func whatChangesTheCatalogIsSeenAtOnce() async throws {
    try await withDatabase { url in
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil)
      let caller = Caller(Principal(name: "a"), permissions: ["main": [.explain]])
      let call = GovernedCall(caller: caller, callID: "c", tool: "list_schemas", connection: nil)
      func schemas() async throws -> JSONValue {
        try await governor.schemas(includesSystem: false, filter: nil, after: nil, limit: 10, for: call)
      }
      let other = try await Session.open(ConnectionTarget(url: url))
      let first = try await schemas()
      #expect(try await schemas() == first)
      let changes: [(SQL, JSONValue)] = [
        ("CREATE SCHEMA extra", ["schema_name": "extra", "object_count": 0]),
        ("COMMENT ON SCHEMA extra IS 'seen'", ["comment": "seen"]),
        ("CREATE TABLE extra.t (id integer)", ["object_count": 1]),
        ("REVOKE ALL ON SCHEMA extra FROM CURRENT_USER", ["schema_name": "extra"]),
        ("ALTER SCHEMA extra RENAME TO other", ["schema_name": "other"]),
      ]
      for (change, expected) in changes {
        // What is still open is not seen by others, and what was kept before may not be kept for longer than that.
        try await other.execute("BEGIN")
        try await other.execute(change)
        let meanwhile = try await schemas()
        try await other.execute("COMMIT")
        let found = try await schemas()
        #expect(meanwhile != found || change.text.contains("REVOKE"), "\(change.text)")
        for (key, value) in expected.object?.entries ?? [] { #expect(found[0]?[key] == value, "\(change.text)") }
        #expect(try await schemas() == found)
      }
      await other.close()
    }
  }
}
