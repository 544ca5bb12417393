// JSON in and out: what RFC 8259 allows, what it refuses, and that a value survives the journey.

import JSON
import Support
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    ("null", JSONValue.null), ("true", true), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)), ("1e2", .number(100)),
    ("-9223372036854775808", .integer(.min)), ("-9223372036854775809", .number(-0x1p63)),
    ("1000000000000000000000", .number(1e21)), ("1e-999", .number(0)), ("1E+2", .number(100)),
    (#""\"\\\/\b\f\n\r\t\u0041\uABcd""#, "\"\\/\u{8}\u{c}\n\r\tA\u{abcd}"), ("\r\n\t[]", .array([])),
    (#""\u00e9\ud83d\ude00\n""#, "é😀\n"),
    (" [1, 2 ] ", .array([1, 2])), (#"{"b":1,"a":[]}"#, .object(["b": 1, "a": .array([])])), ("{}", .object([:])),
  ])
  func reads(text: String, expected: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == expected)
  }

  @Test(arguments: [
    "", " ", "nul", "tru e", "01", "-", "1.", ".5", "1e", "+1", "NaN", "[1,]", "[1 2]", "{a:1}", #"{"a" 1}"#,
    #"{"a":1,}"#,
    #"{"a":1,"a":2}"#, #""\ud800""#, #""\ud800\u0041""#, #""\x""#, "\"\u{1}\"", "\"open", "[", "{\"a\"", "1 2", "1e999",
    "[]]", "\u{feff}1", "-a", "--1", "1e+", "1.e1", "00", "0x1", "Infinity", "'a'", "/**/1", #""\udc00""#,
    #""\ud800\ud800""#, #""\u12""#, #""\u+123""#, #""\"#, "\u{0}", "[1]\u{0}", "tru\u{e9}",
  ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func refusesWhatIsNotUTF8AndWhatIsTooDeep() {
    // A stray byte, an overlong slash, a surrogate, a cut sequence; also behind an escape and in a key.
    for bytes: [UInt8] in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x5c, 0x6e, 0xff]] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
      #expect(throws: JSONError.self) { try JSONValue(parsing: [0x7b, 0x22] + bytes + [0x22, 0x3a, 0x31, 0x7d]) }
    }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: #"{"a":"#, count: 100_000)) }
  }

  @Test func nestingHasABoundThatIsReached() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(try JSONValue(parsing: nested(512)).text() == nested(512))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(513)) }
  }

  @Test(arguments: [("[1,\n x]", 5), ("{\"a\":tru}", 8), ("", 0), ("[1]]", 3), (#"{"a":1,"a":2}"#, 10)])
  func errorsSayWhere(text: String, position: Int) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.position == position)
    #expect(error?.description.hasSuffix(" at byte \(position)") == true)
  }

  @Test func aKeyIsRefusedTheSecondTimeHoweverManyThereAre() throws {
    for count in [2, 15, 16, 17, 40] {
      let members = (0..<count).map { #""k\#($0)":\#($0)"# }
      let object = try #require(try JSONValue(parsing: "{\(members.joined(separator: ","))}").object)
      #expect(object.entries.map(\.key) == (0..<count).map { "k\($0)" })
      for again in [0, count / 2, count - 1] {
        let text = "{\((members + [#""k\#(again)":0"#]).joined(separator: ","))}"
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
      }
    }
    // Equal for Swift, so that neither could be looked up alone.
    #expect(throws: JSONError.self) { try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}") }
  }

  @Test func membersAreReadSetAndRemoved() {
    var object: JSONObject = ["a": 1, "b": 2]
    object["a"] = 3
    object["c"] = [4]
    object["b"] = nil
    #expect(object == ["a": 3, "c": [4]])
    #expect(object != ["c": [4], "a": 3])
    let value = JSONValue.object(object)
    #expect(value["c"]?[0]?.integer == 4)
    #expect(value["c"]?[1] == nil && value["c"]?[-1] == nil && value["d"] == nil && value[0] == nil)
    #expect(value["a"]?.double == 3 && value["a"]?.string == nil)
  }

  @Test func writesDeterministically() {
    let value: JSONValue = ["z": 1, "a": [true, nil, 0.5, "q\"\\\u{1}\n"], "e": .object([:]), "n": .number(.infinity)]
    #expect(value.text() == #"{"z":1,"a":[true,null,0.5,"q\"\\\u0001\n"],"e":{},"n":null}"#)
    #expect(
      (["a": [1]] as JSONValue).text(pretty: true) == "{\n  \"a\": [\n    1\n  ]\n}")
  }

  @Test func valuesSurviveTheJourney() async throws {
    await withSeededRandom { random in
      for _ in 0..<500 {
        let value = Self.random(depth: 0, &random)
        let again = try JSONValue(parsing: value.bytes())
        let pretty = try JSONValue(parsing: value.bytes(pretty: true))
        #expect(again == value, "\(random)")
        #expect(pretty == value, "\(random)")
        #expect(again.bytes() == value.bytes(), "\(random)")
      }
    }
  }

  @Test func noBytesEndTheProcess() async throws {
    await withSeededRandom { random in
      let seed = Array(#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00",true,null,{"b":{}}]}"#.utf8)
      for _ in 0..<5_000 {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        // Whatever is accepted must be writable and readable again.
        guard let value = try? JSONValue(parsing: bytes) else { continue }
        let again = try JSONValue(parsing: value.bytes())
        #expect(again == value, "\(random)")
      }
    }
  }

  private static func random(depth: Int, _ random: inout SeededRandom) -> JSONValue {
    switch Int.random(in: 0...(depth < 4 ? 6 : 4), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3:
      let number = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
      return .number(number.isFinite ? number : 0.25)
    case 4: return .string(text(&random))
    case 5:
      return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in Self.random(depth: depth + 1, &random) })
    default:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        object[text(&random)] = Self.random(depth: depth + 1, &random)
      }
      return .object(object)
    }
  }

  private static func text(_ random: inout SeededRandom) -> String {
    let scalars = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0...0x1ffff, using: &random))
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
