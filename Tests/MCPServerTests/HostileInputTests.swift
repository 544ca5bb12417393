// Input that nobody sends by accident: one clear error, and everything goes on.

import JSON
import Support
import Testing

@testable import MCPServer

@Suite struct HostileInputTests {
  @Test(arguments: [
    ("deep arrays", String(repeating: "[", count: 1_000_000), -32700),
    ("deep objects", String(repeating: #"{"a":"#, count: 1_000_000), -32700),
    ("deep but whole", String(repeating: "[", count: 600) + String(repeating: "]", count: 600), -32700),
    ("a number of 100 000 digits", #"{"jsonrpc":"2.0","id":\#(String(repeating: "9", count: 100_000))}"#, -32700),
    ("a number beyond 64 bits", #"{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}"#, -32600),
    ("the least number and one less", #"{"jsonrpc":"2.0","id":-9223372036854775809,"method":"ping"}"#, -32600),
    ("an infinite number", #"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1e999}}"#, -32700),
    ("a member twice", #"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32700),
    ("a member twice in params", #"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}"#, -32700),
    ("a lone surrogate", #"{"jsonrpc":"2.0","id":"\ud800","method":"ping"}"#, -32700),
    ("a raw control character", "{\"jsonrpc\":\"2.0\",\"id\":\"\u{1}\",\"method\":\"ping\"}", -32700),
    ("a byte order mark", "\u{feff}{}", -32700), ("two documents", "{} {}", -32700), ("a comment", "{/* */}", -32700),
    ("true", "true", -32600), ("null", "null", -32600), ("an empty object", "{}", -32600),
    ("an id of true", #"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, -32600),
    ("an id of []", #"{"jsonrpc":"2.0","id":[],"method":"ping"}"#, -32600),
    ("an id of 1.0", #"{"jsonrpc":"2.0","id":1.0,"method":"ping"}"#, -32600),
    ("a long id", #"{"jsonrpc":"2.0","id":"\#(String(repeating: "x", count: 1_025))","method":"ping"}"#, -32600),
    ("an answer without an id", #"{"jsonrpc":"2.0","result":{}}"#, -32600),
    ("an error with id null", #"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}"#, -32600),
  ])
  func isRefused(_ name: String, _ text: String, _ code: Int) async {
    let peer = Peer()
    await peer.shakeHands()
    let heard = await peer.say(text)
    #expect(heard.code == Int64(code), "\(heard)")
    #expect(heard.answer?["error"]?["message"]?.string.map { $0.utf8.count < 300 } == true)
    #expect(await peer.say(legacy("ping")).status == 200)
  }

  @Test(arguments: ["0", "-1", "9223372036854775807", "-9223372036854775808", #""""#, #""\u0000""#, #""1""#, #""ü""#])
  func idsComeBackAsTheyWere(_ id: String) async throws {
    let heard = await Peer().say(legacy("ping", id: id))
    #expect(heard.answer?["id"] == (try JSONValue(parsing: id)))
  }

  @Test func bytesThatAreNoText() async {
    for bytes: [UInt8] in [
      [0xff], [0x22, 0xc3, 0x28, 0x22], [0], [0xc0, 0x80], Array("{\"a\":\"".utf8) + [0xed, 0xa0, 0x80],
    ] {
      #expect(await Peer().say(bytes).code == -32700)
    }
  }

  @Test func deepArgumentsAreCarried() async {
    let depth = 500
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let peer = Peer(conversation: nil)
    let call = modern(
      "tools/call", #""name":"test_input_required_result_request_state","arguments":{"a":\#(deep)}"#,
      capabilities: everything)
    #expect(await peer.say(call).result?["requestState"]?.string != nil)
  }

  @Test func longNamesAreNotRepeated() async {
    let long = String(repeating: "x", count: 1_000_000)
    let peer = Peer(conversation: nil)
    let heard = await peer.say(modern("tools/call", #""name":"\#(long)""#))
    #expect(heard.answer?["error"]?["message"]?.string.map { $0.utf8.count < 300 } == true)
    let prompt = await peer.say(modern("prompts/get", #""name":"\#(long)""#))
    #expect(prompt.answer?["error"]?["message"]?.string.map { $0.utf8.count < 300 } == true)
  }

  /// Messages with a few bytes changed: always one answer or none, and the conversation goes on.
  @Test func damagedMessages() async {
    let peer = Peer()
    await peer.shakeHands(capabilities: everything)
    let whole = [
      modern("tools/call", #""name":"test_simple_text","arguments":{}"#, capabilities: everything),
      legacy("tools/call", #"{"name":"test_simple_text","_meta":{"progressToken":1}}"#, id: #""x""#),
      modern("completion/complete", #""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"b"}"#),
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
    ].map { Array($0.utf8) }
    await withSeededRandom { random in
      for _ in 0..<2_000 {
        var bytes = whole[Int.random(in: 0..<whole.count, using: &random)]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.remove(at: place)
          default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
          }
        }
        // A damaged method can be that of a stream, which would wait.
        let heard = await peer.say(bytes, isOpen: false)
        #expect(heard.status != nil && heard.answer?["id"] != JSONValue.null, "\(random)")
      }
    }
    #expect(peer.conversation?.runningCount == 0)
  }
}
