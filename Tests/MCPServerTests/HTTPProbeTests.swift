// HTTP's probe tables: what each request is answered with that is not as it should be, in both eras.

import HTTPServer
import JSON
import Testing

@testable import MCPServer

@Suite struct HTTPProbeTests {
  /// The table of bodies and routing headers, through HTTP.
  @Test(arguments: ModernProbeTests.table.filter { $0.headers != nil })
  func bodiesAreAnsweredAlike(_ probe: ModernProbeTests.Probe) async {
    let answer = await WebPeer().post(probe.message, routing: probe.headers)
    #expect(answer.status == probe.status && answer.code == probe.code, "\(answer)")
    if answer.status == 202 { #expect(answer.body.isEmpty) }
  }

  struct Probe: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var method = "POST"
    var path = "/mcp"
    var headers: [Header] = []
    var status: Int
    var text: String?
    var header: (String, String)?

    init(
      _ name: String, _ method: String = "POST", _ path: String = "/mcp", _ headers: [Header] = [], _ status: Int,
      _ text: String? = nil, header: (String, String)? = nil
    ) {
      testDescription = name
      self.method = method
      self.path = path
      self.headers = headers
      self.status = status
      self.text = text
      self.header = header
    }
  }

  private static let json = Header("Content-Type", "application/json")

  static let table: [Probe] = [
    Probe("well-formed", "POST", "/mcp", [json], 200),
    Probe("a slash at the end", "POST", "/mcp/", [json], 200),
    Probe("text/plain", "POST", "/mcp", [Header("Content-Type", "text/plain")], 400, "Invalid Content-Type header"),
    Probe("no content type", "POST", "/mcp", [], 400, "Invalid Content-Type header"),
    Probe("a charset", "POST", "/mcp", [Header("Content-Type", "application/json; charset=utf-8")], 200),
    Probe(
      "evil origin", "POST", "/mcp", [json, Header("Origin", "http://evil.example.com")], 403, "Invalid Origin header"),
    Probe("null origin", "POST", "/mcp", [json, Header("Origin", "null")], 403, "Invalid Origin header"),
    Probe(
      "an origin that begins well", "POST", "/mcp", [json, Header("Origin", "http://localhost.evil.example.com")], 403),
    Probe(
      "an origin with a name before", "POST", "/mcp", [json, Header("Origin", "http://localhost:1@evil.com")], 403),
    Probe("local origin", "POST", "/mcp", [json, Header("Origin", "http://localhost:5173")], 200),
    Probe("evil host", "POST", "/mcp", [json, Header("Host", "evil.example.com")], 421, "Invalid Host header"),
    Probe("no host", "POST", "/mcp", [json, Header("Host", "-")], 421),
    Probe("IPv6 host", "POST", "/mcp", [json, Header("Host", "[::1]:8000")], 200),
    Probe("a host that begins well", "POST", "/mcp", [json, Header("Host", "localhost:80.evil.com")], 421),
    Probe("neither JSON nor events", "POST", "/mcp", [json, Header("Accept", "text/html")], 406),
    Probe("anything", "POST", "/mcp", [json, Header("Accept", "*/*")], 200),
    Probe("JSON only", "POST", "/mcp", [json, Header("Accept", "application/json")], 200),
    Probe("GET", "GET", "/mcp", [], 405, header: ("Allow", "POST")),
    Probe("DELETE", "DELETE", "/mcp", [], 405, header: ("Allow", "POST")),
    Probe("PUT", "PUT", "/mcp", [], 405, header: ("Allow", "POST, GET, DELETE")),
    Probe("PATCH", "PATCH", "/mcp", [], 405),
    Probe("OPTIONS without an origin", "OPTIONS", "/mcp", [], 204, header: ("Allow", "POST, GET, DELETE")),
    Probe("elsewhere", "POST", "/", [json], 404),
    Probe("no metadata of authorization servers", "GET", "/.well-known/oauth-protected-resource/mcp", [], 404),
    Probe("bad token", "POST", "/mcp", [json, Header("Authorization", "Bearer nope")], 401),
    Probe("another scheme", "POST", "/mcp", [json, Header("Authorization", "Basic c2VjcmV0LWE=")], 401),
    Probe("bearer without a token", "POST", "/mcp", [json, Header("Authorization", "Bearer")], 401),
    Probe("good token", "POST", "/mcp", [json, Header("Authorization", "bearer secret-a")], 200),
    Probe("alive", "GET", "/health", [], 200, #"{"status":"ok"}"#),
    Probe("not ready", "GET", "/ready", [], 503, #"{"status":"not ready"}"#),
    Probe("metrics", "GET", "/metrics", [], 200, "up 1\n"),
    Probe("health by another host", "GET", "/health", [Header("Host", "10.0.0.7:8000")], 200),
    Probe("health for a strange page", "GET", "/health", [Header("Origin", "https://evil.example.com")], 403),
    Probe("posting to health", "POST", "/health", [json], 405, header: ("Allow", "GET")),
    Probe("unknown session", "GET", "/mcp", [Header("Mcp-Session-Id", "x")], 404, "Session not found"),
    Probe("messages without a session", "POST", "/messages/", [json], 400),
    Probe("messages of nobody", "POST", "/messages/?session_id=abc", [json], 404),
    Probe("posting to the pair's stream", "POST", "/sse", [json], 405, header: ("Allow", "GET")),
  ]

  @Test(arguments: table) func isAnswered(_ probe: Probe) async {
    let routing = [
      Header("MCP-Protocol-Version", "2026-07-28"), Header("Mcp-Method", "tools/list"),
    ]
    let answer = await WebPeer().send(
      probe.method, probe.path, (probe.method == "POST" ? routing : []) + probe.headers, modern("tools/list"))
    #expect(answer.status == probe.status, "\(answer)")
    if let text = probe.text { #expect(String(decoding: answer.body, as: UTF8.self).contains(text)) }
    if let (name, value) = probe.header { #expect(answer.header(name) == value) }
  }

  @Test func withoutATokenNothingIsSaidOfOne() async {
    let peer = WebPeer(isOpen: false)
    let missing = await peer.post(modern("server/discover"), routing: headers("server/discover"))
    #expect(missing.status == 401 && missing.header("WWW-Authenticate") == #"Bearer realm="pgadvisor""#)
    let wrong = await peer.post(
      modern("server/discover"), routing: headers("server/discover"), [Header("Authorization", "Bearer secret-c")])
    #expect(wrong.status == 401 && wrong.header("WWW-Authenticate")?.contains(#"error="invalid_token""#) == true)
    #expect(!String(decoding: wrong.body, as: UTF8.self).contains("secret"))
    for method in ["GET", "DELETE"] {
      let answer = await peer.send(method)
      #expect(answer.status == 401)
    }
    let two = await peer.post(
      modern("server/discover"), routing: headers("server/discover"),
      [Header("Authorization", "Bearer secret-a"), Header("Authorization", "Bearer secret-b")])
    #expect(two.status == 401)
  }

  @Test func hostsAndOriginsAreConfigurable() async {
    let peer = WebPeer(rules: HTTPRules(hosts: ["dba.example.com"], origins: ["https://console.example.com"]))
    for (host, origin, status) in [
      ("dba.example.com", "https://console.example.com", 200),
      ("DBA.example.com:443", "https://console.example.com", 200),
      ("dba.example.com.evil.com", "https://console.example.com", 421),
      ("dba.example.com", "https://console.example.com.evil.com", 403),
    ] {
      let answer = await peer.post(
        modern("tools/list"), routing: headers("tools/list"), [Header("Host", host), Header("Origin", origin)])
      #expect(answer.status == status, "\(host) \(origin)")
      #expect((answer.header("Access-Control-Allow-Origin") == origin) == (status == 200))
    }
    let preflight = await peer.send(
      "OPTIONS", "/mcp",
      [Header("Origin", "https://console.example.com"), Header("Access-Control-Request-Method", "POST")])
    #expect(preflight.status == 204 && preflight.header("Access-Control-Allow-Headers")?.contains("Mcp-Method") == true)
  }

  @Test func legacyErrorsTravelUnder200InSessions() async throws {
    let peer = WebPeer()
    let session = try await peer.shakeHands()
    for (message, code) in [
      (legacy("x/y"), -32601), (legacy("tools/call", #"{"name":"nope"}"#), -32602),
      (legacy("resources/read", #"{"uri":"test://nope"}"#), -32002), (legacy("server/discover"), -32601),
    ] as [(String, Int64)] {
      let answer = await peer.post(message, session)
      #expect(answer.status == 200 && answer.code == code, "\(answer)")
    }
    let garbage = await peer.post("{", session)
    #expect(garbage.status == 400 && garbage.code == -32700)
    let unsupported = await peer.post(
      legacy("tools/list"), [session[0], Header("MCP-Protocol-Version", "2024-01-01")])
    #expect(unsupported.status == 400 && unsupported.code == -32022)
    let lost = await peer.post(legacy("tools/list"), [Header("Mcp-Session-Id", "nobody")])
    #expect(lost.status == 404 && lost.code == -32600)
  }

  /// Nothing of the newer revision, no session: the request stands for itself.
  @Test func legacyRequestsWithoutASessionAreServed() async {
    let peer = WebPeer()
    let answer = await peer.post(legacy("tools/call", #"{"name":"test_simple_text"}"#))
    #expect(answer.status == 200 && answer.json?["result"]?["content"]?[0]?["text"] != nil)
    #expect(answer.json?["result"]?["resultType"] == nil && answer.header("Mcp-Session-Id") == nil)
  }

  @Test func batchesAreOfOneVersion() async throws {
    let peer = WebPeer()
    let batch = "[\(legacy("ping", id: "1")),\(legacy("tools/list", id: "2"))]"
    for version in [ProtocolVersion.march2025, .june2025] {
      let answer = await peer.post(batch, try await peer.shakeHands(version))
      if version == .march2025 {
        #expect(answer.status == 200 && answer.json?.array?.count == 2)
      } else {
        #expect(answer.status == 400 && answer.code == -32600)
      }
    }
  }
}
