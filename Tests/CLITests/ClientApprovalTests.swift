// Approvals in the client of the agent: a form that a person answers, in both eras of the protocol.

import JSON
import Support
import Testing

@Suite(.needsServer) struct ClientApprovalTests {
  private static let insertion = "INSERT INTO ledger VALUES (1)"

  /// One round of a call that stands for itself.
  private func call(
    _ served: ServedProcess, _ sql: String = insertion, _ more: JSONObject = [:],
    capabilities: JSONValue = ["elicitation": ["form": [:]]]
  ) async throws -> JSONValue {
    var parameters: JSONObject = [
      "name": "execute_sql", "arguments": ["sql": .string(sql)],
      "_meta": [
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": ["name": "forms", "version": "1"],
        "io.modelcontextprotocol/clientCapabilities": capabilities,
      ],
    ]
    for (key, value) in more.entries { parameters[key] = value }
    return try await served.ask("tools/call", JSONValue.object(parameters).text())
  }

  private func answering(_ asked: JSONValue, _ answer: JSONValue) throws -> JSONObject {
    ["inputResponses": ["approval": answer], "requestState": try #require(asked["result"]?["requestState"])]
  }

  private func hash(in asked: JSONValue?) throws -> String {
    let message = try #require(asked?["message"]?.string)
    #expect(message.contains("Run this on shop") && message.contains(Self.insertion), "\(message)")
    return String(try #require(message.split(separator: "Hash: ").last).prefix(8))
  }

  private func state(_ answer: JSONValue) -> String? {
    answer["result"]?["structuredContent"]?["proposal"]?["state"]?.string
  }

  @Test func onlyATypedHashApproves() async throws {
    try await withProposals(inClient: true) { office in
      let served = try office.serve()
      let asked = try await call(served)
      #expect(asked["result"]?["resultType"] == "input_required", "\(asked.text())")
      let question = asked["result"]?["inputRequests"]?["approval"]
      #expect(question?["method"] == "elicitation/create" && question?["params"]?["mode"] == "form")
      let hash = try hash(in: question?["params"])
      for answer in [
        ["action": "decline"], ["action": "cancel"], ["action": "accept"], ["action": "accept", "content": [:]],
        ["action": "accept", "content": ["decision": "approve"]],
        ["action": "accept", "content": ["hash": .string(hash)]],
        ["action": "accept", "content": ["decision": "yes", "hash": .string(hash)]],
        ["action": "decline", "content": ["decision": "approve", "hash": .string(hash)]],
      ] as [JSONValue] {
        let told = try await call(served, Self.insertion, try answering(asked, answer))
        #expect(state(told) == "pending" && told.text().contains("No approval was obtained"), "\(told.text())")
      }
      for wrong in ["00000000", "", String(hash.prefix(7)), "deadbeefdeadbeef"] {
        let answer: JSONValue = ["action": "accept", "content": ["decision": "approve", "hash": .string(wrong)]]
        let told = try await call(served, Self.insertion, try answering(asked, answer))
        #expect(told["result"]?["isError"] == true && told.text().contains("not what this proposal"), "\(told.text())")
      }
      let yes: JSONValue = ["action": "accept", "content": ["decision": "approve", "hash": .string(hash)]]
      // The state is of this one call.
      let other = try await call(served, "DELETE FROM customers", try answering(asked, yes))
      #expect(other["error"]?["code"] == -32602, "\(other.text())")
      let unasked = try await call(served, Self.insertion, ["inputResponses": ["approval": yes]])
      #expect(unasked["result"]?["resultType"] == "input_required", "\(unasked.text())")
      #expect(try office.rows("SELECT count(*) FROM ledger") == "0")
      let done = try await call(served, Self.insertion, try answering(asked, yes))
      #expect(state(done) == "done", "\(done.text())")
      #expect(try office.rows("SELECT count(*) FROM ledger") == "1")
      let again = try await call(served, Self.insertion, try answering(asked, yes))
      #expect(again["result"]?["isError"] == true && again.text().contains("is done"), "\(again.text())")
      #expect(try office.rows("SELECT count(*) FROM ledger") == "1")
      let id = try #require(done["result"]?["structuredContent"]?["proposal"]?["id"]?.string)
      let shown = try office.json("show", id)
      #expect(shown["approval"]?["person"] == "alice", "\(shown)")
      #expect(shown["approval"]?["words"]?.string?.contains("a form of the client of forms") == true, "\(shown)")
      #expect(try await served.end() == 0)
      #expect(try runCommand([builtProgram, "audit", "verify", "--store", office.store]).status == 0)
    }
  }

  @Test func aNoInTheClientIsKept() async throws {
    try await withProposals(inClient: true) { office in
      let served = try office.serve()
      let asked = try await call(served)
      let no: JSONValue = ["action": "accept", "content": ["decision": "reject"]]
      #expect(state(try await call(served, Self.insertion, try answering(asked, no))) == "rejected")
      #expect(try office.rows("SELECT count(*) FROM ledger") == "0")
      _ = try await served.end()
    }
  }

  /// Where nobody may be asked, or can be, it waits as it always does.
  @Test func withoutLeaveOrWayNobodyIsAsked() async throws {
    try await withProposals(inClient: true) { office in
      let served = try office.serve()
      #expect(state(try await call(served, capabilities: [:])) == "pending")
      #expect(state(try await call(served, capabilities: ["elicitation": ["url": [:]]])) == "pending")
      let admin = try await call(served, "VACUUM ledger")
      #expect(state(admin) == "pending", "nobody may approve admin: \(admin.text())")
      _ = try await served.end()
    }
    try await withProposals { office in
      let served = try office.serve()
      #expect(state(try await call(served)) == "pending")
      _ = try await served.end()
    }
  }

  @Test func anOlderClientIsAskedWhileItWaits() async throws {
    try await withProposals(inClient: true) { office in
      let served = try office.serve()
      _ = try await served.ask(
        "initialize",
        #"{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}"#)
      served.say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
      async let answer = served.call("execute_sql", JSONValue.object(["sql": .string(Self.insertion)]).text())
      let question = try await served.waited("a question") {
        served.messages.first { $0["method"] == "elicitation/create" }
      }
      let hash = try hash(in: question["params"])
      let id = try #require(question["id"]).text()
      served.say(
        #"{"jsonrpc":"2.0","id":\#(id),"result":{"action":"accept","content":{"decision":"approve","hash":"\#(hash)"}}}"#
      )
      #expect(state(try await answer) == "done")
      #expect(try office.rows("SELECT count(*) FROM ledger") == "1")
      _ = try await served.end()
    }
  }
}
