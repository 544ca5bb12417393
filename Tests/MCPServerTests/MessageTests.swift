// The small parts: headers and their encoding, names, traces, pages, eras.

import JSON
import Support
import Testing

@testable import MCPServer

@Suite struct MessageTests {
  @Test func base64IsItsOwnInverse() async {
    await withSeededRandom { random in
      for length in 0..<70 {
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        for form in [Base64.standard, .forURLs] {
          #expect(form.decode(form.encode(bytes)) == bytes, "\(random)")
        }
      }
    }
    #expect(Base64.standard.encode(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
    #expect(Base64.forURLs.encode([0xfb, 0xff]) == "-_8")
  }

  @Test(arguments: ["A", "AA=A", "AAA", "AB==", "AAB=", "A===", "====", "A A=", "AA==AA==", "-_8=", "ÄÄ=="])
  func brokenBase64IsRefused(_ text: String) { #expect(Base64.standard.decode(text) == nil) }

  @Test func headersAreDecoded() {
    #expect(
      RoutingHeaders.decoded("=?base64?cGc6Ly9zY2hlbWEvcHVibGljL3RhYmxlL2dyw7bDn2U=?=")
        == "pg://schema/public/table/größe")
    #expect(RoutingHeaders.decoded(" \t plain \t") == "plain")
    #expect(RoutingHeaders.decoded("=?base64?=") == "=?base64?=")
    #expect(RoutingHeaders.decoded("=?base64??=") == "")
    #expect(RoutingHeaders.decoded("=?base64?/w==?=") == nil, "not UTF-8")
  }

  @Test func tracesAreChecked() {
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    #expect(wellFormedTrace(good) == good)
    for bad in [
      "", good.uppercased(), good + "0", "ff" + good.dropFirst(2), good.replacing("-", with: "_"),
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ] { #expect(wellFormedTrace(bad) == nil) }
  }

  @Test func clientsAreNamedInPlainText() {
    #expect(clientName(["name": "a", "version": "1.0"]) == "a 1.0")
    #expect(clientName(["name": "a\n\u{1b}[0m\u{200b}", "version": 1]) == "a??[0m?")
    #expect(clientName(["name": .string(String(repeating: "x", count: 1_000))])?.count == 100)
    #expect(clientName([:]) == nil && clientName(nil) == nil && clientName("a") == nil)
  }

  @Test func namesThatAreNearAreFound() {
    let names = ["query", "list_schemas", "describe_table"]
    #expect(nearestName(to: "list_schema", among: names) == "list_schemas")
    #expect(nearestName(to: "Query", among: names) == "query")
    #expect(nearestName(to: "frobnicate", among: names) == nil)
    #expect(nearestName(to: "", among: []) == nil)
  }

  @Test func pagesGoThroughEverythingOnce() throws {
    let all = (0..<25).map { JSONValue.integer($0) }
    var seen: [JSONValue] = []
    var cursor: JSONValue?
    repeat {
      let page = try Page(of: all, from: cursor, size: 10)
      seen += page.elements
      cursor = page.next.map { .string($0) }
    } while cursor != nil
    #expect(seen == all)
    for bad: JSONValue in ["", "from 0", "from 5", "from 30", "from -10", "from 99999999999999999999", 10, nil, "10"] {
      #expect(throws: ProtocolError.self) { try Page(of: all, from: bad, size: 10) }
    }
    #expect(try Page(of: [], from: nil, size: 10).next == nil)
    #expect(try Page(of: all, from: nil, size: .max).elements.count == 25)
  }

  @Test(arguments: [
    (modern("tools/list"), nil, "modern"), (modern("initialize", version: "x"), nil, "-32022"),
    (legacy("initialize"), nil, "handshake"), (legacy("tools/list"), nil, "legacy"),
    (legacy("tools/list"), "2025-03-26", "legacy"), (legacy("initialize"), "2025-06-18", "handshake"),
    (legacy("initialize"), "2099-01-01", "handshake"), (legacy("initialize"), "2026-07-28", "-32601"),
    (legacy("tools/list"), "1900-01-01", "-32022"), (legacy("tools/list"), "2026-07-28", "-32602"),
    (legacy("tools/list", #"{"_meta":{"progressToken":1}}"#), nil, "legacy"),
    (#"{"jsonrpc":"2.0","method":"notifications/x"}"#, "2026-07-28", "modern"),
    (#"{"jsonrpc":"2.0","method":"notifications/x"}"#, "2025-11-25", "legacy"),
    (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "2025-11-25", "legacy"),
    (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "2026-07-28", "-32600"), ("[1]", nil, "legacy"),
    ("[1]", "2026-07-28", "-32600"),
  ])
  func erasAreToldApart(_ text: String, _ header: String?, _ expected: String) throws {
    let headers = header.map { RoutingHeaders(version: [$0]) }
    switch Opening(Array(text.utf8), headers: headers) {
    case .opened(let message): #expect("\(message.era)" == expected)
    case .refused(.answer(let bytes, _)):
      #expect(try JSONValue(parsing: bytes)["error"]?["code"]?.integer.map { "\($0)" } == expected)
    case .refused: Issue.record("refused without an answer")
    }
  }
}
