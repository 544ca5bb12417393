// Text and foreign JSON in our messages: nothing hides in it and no digit is lost.

import JSON
import Testing

@Suite struct JSONTextTests {
  private func written(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    JSONText.write(bytes[...], to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  private func compacted(_ text: String) -> String? {
    var out: [UInt8] = Array("before".utf8)
    let isWritten = JSONText.writeCompacted(Array(text.utf8)[...], to: &out)
    let all = String(decoding: out, as: UTF8.self)
    if !isWritten { #expect(all == "before") }
    return isWritten ? String(all.dropFirst(6)) : nil
  }

  @Test(arguments: [
    ("plain", #""plain""#), ("a\"b\\c\n\r\t\u{1}\u{7f}", #""a\"b\\c\n\r\t\u0001\u007f""#),
    ("grün 東京 🐘", #""grün 東京 🐘""#), ("a\u{200b}b\u{202e}c\u{feff}", #""a\u200bb\u202ec\ufeff""#),
    ("\u{85}\u{ad}\u{e0041}", #""\u0085\u00ad\udb40\udc41""#), ("", #""""#),
  ])
  func whatNobodySeesIsEscaped(_ text: String, _ expected: String) throws {
    #expect(written(Array(text.utf8)) == expected)
    #expect(JSONValue.string(text).text() == expected)
    #expect(try JSONValue(parsing: expected) == .string(text))
  }

  /// A database in SQL_ASCII holds anything.
  @Test(
    arguments: [
      ([0x61, 0xff, 0x62], "a\u{fffd}b"), ([0xc3], "\u{fffd}"), ([0xed, 0xa0, 0x80], "\u{fffd}\u{fffd}\u{fffd}"),
      ([0xc0, 0xaf], "\u{fffd}\u{fffd}"), ([0xf4, 0x90, 0x80, 0x80], "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
      ([0xf0, 0x9f, 0x90, 0x98], "🐘"),
    ] as [([UInt8], String)])
  func whatIsNoTextIsMarked(_ bytes: [UInt8], _ expected: String) { #expect(written(bytes) == "\"\(expected)\"") }

  @Test(arguments: [
    ("{ \"a\" : [1, 2.50,\n null] , \"b\":{} }", #"{"a":[1,2.50,null],"b":{}}"#),
    ("9007199254740993", #""9007199254740993""#), ("9007199254740991", "9007199254740991"),
    ("[-9007199254740992]", "[-9007199254740992]"), ("18446744073709551616", #""18446744073709551616""#),
    ("123456789012345678901234567890", #""123456789012345678901234567890""#),
    ("0.1234567890123456", "0.1234567890123456"), ("0.10000000000000000001", #""0.10000000000000000001""#),
    ("1e400", #""1e400""#), ("1E5", "1E5"), ("-0", "-0"), ("0.10", "0.10"), ("1e-400", #""1e-400""#),
    ("\"\\u200b\\/\\ud83d\\ude00\"", "\"\\u200b/😀\""), (" true ", "true"), ("[]", "[]"), ("[[],{}]", "[[],{}]"),
  ])
  func foreignJSONStandsOnOneLine(_ text: String, _ expected: String) { #expect(compacted(text) == expected) }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,\"a\":2}", #"{"a":1,"\u0061":2}"#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, "01",
    "1.", "+1", "NaN", "tru", "[1] 2", "\"a\nb\"", "{a:1}", "[1 2]", #""\u+123""#, "-", "'a'",
  ])
  func whatNotEveryReaderTakesIsLeftAlone(_ text: String) { #expect(compacted(text) == nil) }

  @Test func depthIsBounded() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(compacted(nested(100)) == nested(100) && compacted(nested(101)) == nil)
    #expect(compacted(nested(100_000)) == nil)
  }
}
