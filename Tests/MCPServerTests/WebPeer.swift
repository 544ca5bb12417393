// A client over HTTP without the sockets: requests go straight to the transport, as `HTTPServer` gives them to it.

import Cryptography
import Governance
import HTTPServer
import JSON
import Testing

@testable import MCPServer

/// What came back.
struct WebAnswer: Sendable {
  var status: Int
  var headers: [Header]
  var body: [UInt8]
  /// Nil: the body was whole.
  var pieces: AsyncStream<[UInt8]>?

  func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

  var json: JSONValue? { try? JSONValue(parsing: body) }
  var code: Int64? { json?["error"]?["code"]?.integer }

  /// The events of a streamed answer to its end; comments are left out.
  func events() async throws -> [WebEvent] {
    let pieces = try #require(pieces)
    var all: [WebEvent] = []
    for await frame in pieces { all.append(WebEvent(frame)) }
    return all.filter { $0.comment == nil }
  }
}

/// One event of a stream.
struct WebEvent: Sendable, Equatable {
  var id: String?
  var event: String?
  var data: String
  var retry: String?
  var comment: String?

  var json: JSONValue? { try? JSONValue(parsing: Array(data.utf8)) }

  init(_ frame: [UInt8]) {
    data = ""
    for line in String(decoding: frame, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true) {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = String(parts.count > 1 ? parts[1].drop { $0 == " " } : "")
      switch parts[0] {
      case "id": id = value
      case "event": event = value
      case "data": data = value
      case "retry": retry = value
      case "": comment = value
      default: Issue.record("no field of an event: \(line)")
      }
    }
  }
}

struct WebPeer: Sendable {
  let transport: HTTPTransport
  var headers: [Header] = [Header("Host", "localhost:8000")]

  static let tokens = ["secret-a": "a", "secret-b": "b"]

  /// - Parameter isOpen: a client without a token is somebody too.
  init(
    _ service: (any Service)? = nil, isOpen: Bool = true, rules: HTTPRules = HTTPRules(),
    limits: HTTPTransportLimits = HTTPTransportLimits(), server serverLimits: ServerLimits = ServerLimits()
  ) {
    let announcements = Announcements()
    let server = Server(
      service: service ?? ConformanceService(announcements: announcements), identity: ServerIdentity(version: "1.0"),
      key: SealingKey(), announcements: announcements, limits: serverLimits)
    transport = HTTPTransport(
      server: server, rules: rules,
      surroundings: HTTPSurroundings(
        caller: { token in
          guard let token else { return isOpen ? Peer.anyone : nil }
          return Self.tokens[token].map { Caller(Principal(name: $0), permissions: ["main": [.read]]) }
        }, isReady: { false }, metrics: { "up 1\n" }),
      limits: limits)
  }

  func send(
    _ method: String, _ path: String = "/mcp", _ more: [Header] = [], _ body: String = ""
  ) async -> WebAnswer {
    let (path, query) = (path.prefix { $0 != "?" }, path.drop { $0 != "?" }.dropFirst())
    let names = Set(more.map { $0.name.lowercased() })
    let request = Request(
      method: method, path: String(path), query: String(query),
      headers: headers.filter { !names.contains($0.name.lowercased()) } + more.filter { $0.value != "-" },
      body: Array(body.utf8))
    if let refusal = transport.admit(request) {
      return WebAnswer(status: refusal.status, headers: refusal.headers, body: refusal.body)
    }
    switch await transport.answer(request) {
    case .whole(let response):
      return WebAnswer(status: response.status, headers: response.headers, body: response.body)
    case .streamed(let status, let headers, let pieces):
      return WebAnswer(status: status, headers: headers, body: [], pieces: pieces)
    }
  }

  /// With the headers that a correct client sends.
  func post(_ body: String, routing: RoutingHeaders? = nil, _ more: [Header] = []) async -> WebAnswer {
    var all = [
      Header("Content-Type", "application/json"), Header("Accept", "application/json, text/event-stream"),
    ]
    all += (routing?.version ?? []).map { Header("MCP-Protocol-Version", $0) }
    all += (routing?.method ?? []).map { Header("Mcp-Method", $0) }
    all += (routing?.name ?? []).map { Header("Mcp-Name", $0) }
    let names = Set(more.map { $0.name.lowercased() })
    return await send("POST", "/mcp", all.filter { !names.contains($0.name.lowercased()) } + more, body)
  }

  func call(_ tool: String, meta: String = "", _ headers: [Header] = []) async -> WebAnswer {
    await post(
      modern("tools/call", #""name":"\#(tool)""#, capabilities: everything, meta: meta),
      routing: MCPServerTests.headers("tools/call", name: tool), headers)
  }

  /// The id of a new legacy session.
  func shakeHands(_ version: ProtocolVersion = .november2025, _ more: [Header] = []) async throws -> [Header] {
    let answer = await post(
      legacy("initialize", #"{"protocolVersion":"\#(version.rawValue)","capabilities":\#(everything)}"#), more)
    #expect(answer.status == 200 && answer.json?["result"]?["protocolVersion"]?.string == version.rawValue)
    let id = try #require(answer.header("Mcp-Session-Id"))
    let session = [Header("Mcp-Session-Id", id), Header("MCP-Protocol-Version", version.rawValue)] + more
    let accepted = await post(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, session)
    #expect(accepted.status == 202 && accepted.body.isEmpty)
    return session
  }
}
