// A client of one server in one process: says a message, and hears what comes back.

import Cryptography
import Governance
import JSON
import Synchronization
import Testing

@testable import MCPServer

/// What was sent before the answer, in order.
final class Outbox: Sendable {
  private let messages = Mutex<[JSONValue]>([])

  var all: [JSONValue] { messages.withLock { $0 } }

  func add(_ bytes: [UInt8]) {
    do {
      let message = try JSONValue(parsing: bytes)
      messages.withLock { $0.append(message) }
    } catch {
      Issue.record("sent what is not JSON: \(error)")
    }
  }

  /// Waits for the first message that fits.
  func first(where fits: (JSONValue) -> Bool) async throws -> JSONValue {
    for _ in 0..<500 {
      if let found = all.first(where: fits) { return found }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Unheard()
  }

  struct Unheard: Error {}
}

/// What a message was answered with.
struct Heard: Sendable {
  /// Nil: nothing may be sent.
  var status: Int?
  var answer: JSONValue?

  var code: Int64? { answer?["error"]?["code"]?.integer }
  var result: JSONValue? { answer?["result"] }
  var text: String? { result?["content"]?[0]?["text"]?.string }
}

struct Peer: Sendable {
  let server: Server
  let conversation: Conversation?
  let outbox = Outbox()
  var caller = Peer.anyone

  static let anyone = Caller(Principal(name: "tester"), permissions: ["main": [.read]])

  /// - Parameter conversation: nil for one that HTTP would have without a session.
  init(
    _ service: (any Service)? = nil, conversation: Conversation? = Conversation(),
    limits: ServerLimits = ServerLimits(), announcements: Announcements = Announcements()
  ) {
    server = Server(
      service: service ?? ConformanceService(announcements: announcements), identity: ServerIdentity(version: "1.0"),
      key: SealingKey(), announcements: announcements, limits: limits)
    self.conversation = conversation
  }

  func say(
    _ text: String, headers: RoutingHeaders? = nil, isOpen: Bool = true, answersCancelled: Bool = false
  ) async -> Heard { await say(Array(text.utf8), headers: headers, isOpen: isOpen, answersCancelled: answersCancelled) }

  func say(
    _ bytes: [UInt8], headers: RoutingHeaders? = nil, isOpen: Bool = true, answersCancelled: Bool = false
  ) async -> Heard {
    let channel = Channel(isOpen: isOpen, answersCancelled: answersCancelled) { [outbox] in outbox.add($0) }
    switch server.open(bytes, headers: headers) {
    case .refused(let reply): return Self.heard(reply)
    case .opened(let message):
      return Self.heard(await server.handle(message, from: caller, in: conversation, over: channel))
    }
  }

  private static func heard(_ reply: Reply) -> Heard {
    switch reply {
    case .accepted: return Heard(status: 202)
    case .dropped: return Heard()
    case .large(let segments, let status):
      var bytes: [UInt8] = []
      let reader = SegmentReader(segments)
      while let piece = reader.next() { bytes += piece }
      #expect(bytes.count == segments.byteCount)
      return heard(.answer(bytes, status: status))
    case .answer(let bytes, let status):
      do { return Heard(status: status, answer: try JSONValue(parsing: bytes)) } catch {
        Issue.record("answered what is not JSON: \(error)")
        return Heard(status: status)
      }
    }
  }

  func shakeHands(_ version: ProtocolVersion = .november2025, capabilities: String = "{}") async {
    let heard = await say(
      """
      {"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"\(version.rawValue)",\
      "capabilities":\(capabilities),"clientInfo":{"name":"peer","version":"1"}}}
      """)
    #expect(heard.result?["protocolVersion"]?.string == version.rawValue)
    _ = await say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
  }
}

/// A modern request; `more` stands in `params` beside `_meta`.
func modern(
  _ method: String, _ more: String = "", id: String = "1", version: String = "2026-07-28",
  capabilities: String = "{}", meta: String = ""
) -> String {
  """
  {"jsonrpc":"2.0","id":\(id),"method":"\(method)","params":{\(more.isEmpty ? "" : more + ",")"_meta":{\
  "io.modelcontextprotocol/protocolVersion":"\(version)",\
  "io.modelcontextprotocol/clientCapabilities":\(capabilities)\(meta.isEmpty ? "" : "," + meta)}}}
  """
}

func legacy(_ method: String, _ parameters: String = "{}", id: String = "1") -> String {
  #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(parameters)}"#
}

/// Routing headers as a correct client sends them.
func headers(_ method: String, name: String? = nil, version: String = "2026-07-28") -> RoutingHeaders {
  RoutingHeaders(version: [version], method: [method], name: name.map { [$0] } ?? [])
}

let everything = #"{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}}"#
