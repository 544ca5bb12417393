// JSON in and out: what RFC 8259 allows, what it refuses, and that a value survives the journey.

import JSON
import Support
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    ("null", JSONValue.null), ("true", true), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)), ("1e2", .number(100)),
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
    "[]]",
  ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func refusesWhatIsNotUTF8AndWhatIsTooDeep() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: #"{"a":"#, count: 100_000)) }
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
        #expect(again == value)
        #expect(pretty == value)
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
        #expect(again == value)
      }
    }
  }

  private static func random(depth: Int, _ random: inout SeededRandom) -> JSONValue {
    switch Int.random(in: 0...(depth < 4 ? 6 : 4), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: return .number(Double(Int.random(in: -1_000_000...1_000_000, using: &random)) + 0.25)
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
