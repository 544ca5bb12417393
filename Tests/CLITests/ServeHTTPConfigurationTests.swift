// `pgadvisor serve` over HTTP with a file: a token is an agent, and a reload decides who still comes.

import Foundation
import JSON
import Support
import Testing

@testable import CLI

@Suite(.enabled(if: executable(named: "curl") != nil, "skipped: no curl"))
struct ServeHTTPConfigurationTests {
  private struct Answer {
    var status: Int
    var body: JSONValue?
  }

  private func post(_ url: String, _ token: String?, _ method: String, _ parameters: String = "") async throws -> Answer
  {
    let meta =
      #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#
    let body =
      #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(parameters.isEmpty ? "" : parameters + ",")\#(meta)}}"#
    var arguments = [
      "curl", "-sS", "-m", "20", "-w", "\n%{http_code}", "-d", body, "-H", "Content-Type: application/json", "-H",
      "Accept: application/json, text/event-stream", "-H", "MCP-Protocol-Version: 2026-07-28", "-H",
      "Mcp-Method: \(method)",
    ]
    if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
    let all = arguments + ["\(url)/mcp"]
    let text = try await onOwnThread { try requireCommand(all) }
    let lines = text.split(separator: "\n")
    return Answer(
      status: lines.last.flatMap { Int($0) } ?? 0, body: lines.first.flatMap { try? JSONValue(parsing: String($0)) })
  }

  private func tools(_ answer: Answer) -> Set<String> {
    Set((answer.body?["result"]?["tools"]?.array ?? []).compactMap { $0["name"]?.string })
  }

  private func address(of served: ServedProcess) async throws -> String {
    try await served.waited("the address") {
      served.complaints.split(separator: "\n").compactMap { line in
        line.split(separator: " ").last.map(String.init).flatMap { $0.hasPrefix("http") ? $0 : nil }
      }.first
    }
  }

  @Test func aTokenIsAnAgentForAsLongAsTheFileSaysSo() async throws {
    let (first, second) = ("first-token-of-an-agent", "second-token-of-an-agent")
    func file(_ agents: String) -> String {
      """
      connections: [{name: main, url: "postgresql://h.invalid/d"}]
      users: [{name: alice}]
      agents: [\(agents)]
      iam:
        - {connection: main, permissions: [read], members: ["user:alice"]}
        - {connection: main, permissions: [write], members: ["agent:bot"]}
      server: {http: "127.0.0.1:0"}
      """
    }
    let bot = "{id: bot, token: \(second)}"
    try await withFiles(["f.yaml": file("{id: claude, token_env: FIRST, on_behalf_of: alice}, \(bot)")]) { directory in
      let path = "\(directory)/f.yaml"
      let served = try ServedProcess(["--config", path], environment: ["FIRST": first])
      let url = try await address(of: served)
      #expect(tools(try await post(url, first, "tools/list")).contains("query"))
      let ofBot = tools(try await post(url, second, "tools/list"))
      #expect(ofBot.contains("write_data") && !ofBot.contains("query"))
      for token in [nil, "third-token-of-an-agent", String(first.dropLast())] {
        #expect(try await post(url, token, "tools/list").status == 401)
      }
      try write(file(bot), to: path)
      served.hangUp()
      _ = try await served.waited("the reload") { served.complaints.contains("is loaded") ? true : nil }
      #expect(try await post(url, first, "tools/list").status == 401)
      #expect(try await post(url, second, "tools/list").status == 200)
      #expect(!served.complaints.contains(first) && !served.complaints.contains(second))
      served.terminate()
      #expect(try await served.exit() == 0)
    }
  }

  @Test func withoutAFileTheTokenIsInTheEnvironment() async throws {
    let open = try ServedProcess(["--http", "127.0.0.1:0"])
    let guarded = try ServedProcess(["--http", "127.0.0.1:0"], environment: ["PGADVISOR_TOKEN": "0123456789abcdef"])
    let (one, other) = (try await address(of: open), try await address(of: guarded))
    #expect(try await post(one, nil, "tools/list").status == 200)
    #expect(try await post(one, "0123456789abcdef", "tools/list").status == 401)
    #expect(try await post(other, nil, "tools/list").status == 401)
    #expect(try await post(other, "0123456789abcdef", "tools/list").status == 200)
    for served in [open, guarded] {
      served.terminate()
      #expect(try await served.exit() == 0)
    }
  }
}
