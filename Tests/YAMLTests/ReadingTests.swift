// Documents as values: shapes, places, quoting, and what is said of documents that are none.

import Support
import Testing

@testable import YAML

@Suite struct ReadingTests {
  private func read(_ text: String, limits: YAMLLimits = YAMLLimits()) throws -> YAMLNode? {
    try YAMLNode.read(Array(text.utf8), limits: limits)
  }

  private func failure(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
    #expect(throws: YAMLError.self) { try read(text, limits: limits) }
  }

  /// As JSON, with plain scalars bare.
  private func plain(_ node: YAMLNode?) -> String {
    switch node?.content {
    case nil: "nothing"
    case .scalar(let text, let isPlain): isPlain ? text : "\"\(text)\""
    case .list(let nodes): "[" + nodes.map { plain($0) }.joined(separator: ",") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key):\(plain($0.value))" }.joined(separator: ",") + "}"
    }
  }

  @Test(arguments: [
    ("a: 1", "{a:1}"), ("a: '1'", "{a:\"1\"}"), ("a: \"x\\ty\"", "{a:\"x\ty\"}"),
    ("- a\n- b: [c, 'd']", "[a,{b:[c,\"d\"]}]"),
    ("{\"a\": [true, null]}", "{a:[true,null]}"), ("a: |\n  one\n  two\n", "{a:\"one\ntwo\n\"}"),
    ("a: >-\n  one\n  two\n", "{a:\"one two\"}"), ("a:\nb: ~", "{a:,b:~}"),
    ("x: &p {k: v}\ny: *p", "{x:{k:v},y:{k:v}}"),
    ("", "nothing"), ("# only this\n", "nothing"), ("---\n...\n", ""), ("\u{feff}a: 1", "{a:1}"), ("a: ü😀", "{a:ü😀}"),
    ("a: b # c", "{a:b}"), ("a: 'b # c'", "{a:\"b # c\"}"), ("a: b#c", "{a:b#c}"), ("%YAML 1.1\n---\na: 1", "{a:1}"),
    ("a: !!str 1", "{a:1}"), ("a: 1\r\nb: 2\r\n", "{a:1,b:2}"), ("? a\n: 1", "{a:1}"),
  ])
  func documents(text: String, expected: String) throws {
    #expect(plain(try read(text)) == expected)
  }

  @Test func placesCountFromOneInCharacters() throws {
    let node = try #require(try read("a: 1\nüb:\n  - {c: ä, d: 'e'}\n"))
    guard case .map(let entries) = node.content, case .list(let items) = entries[1].value.content,
      case .map(let inner) = items[0].content
    else { throw CommandFailure(description: "\(node)") }
    #expect(entries.map(\.place) == [YAMLPlace(line: 1, column: 1), YAMLPlace(line: 2, column: 1)])
    #expect(items[0].place == YAMLPlace(line: 3, column: 5))
    #expect(inner.map(\.place.column) == [6, 12] && inner.map(\.value.place.column) == [9, 15])
  }

  @Test func nothingIsNothingOnlyWhenItIsPlain() throws {
    let node = try #require(try read("- \n- ~\n- null\n- ''\n- 'null'\n- nil"))
    guard case .list(let items) = node.content else { throw CommandFailure(description: "\(node)") }
    #expect(items.map(\.isNull) == [true, true, true, false, false, false])
  }

  @Test(arguments: [
    ("a:\n\t- b", YAMLError.Code.syntax, 2, 1, "a tab stands here"),
    ("a: [1, 2\nb: 3", .syntax, 2, 2, "that begins in line 1"), ("a: {b: 1", .syntax, 2, 1, "line 1"),
    ("a: \"b\n", .syntax, 2, 1, "quoted scalar"), ("a: 1\n b: 2", .syntax, 2, 3, "mapping values are not allowed"),
    ("a: 1\nb: 2\na: 3", .duplicateKey, 3, 1, "\"a\" stands here a second time, after line 1"),
    ("{a: 1, 'a': 2}", .duplicateKey, 1, 8, "a second time"), ("[a]: 1", .keyIsNoText, 1, 1, "a key is one word"),
    ("{a: 1}: 1", .keyIsNoText, 1, 1, "a key is one word"), ("a: !thing b", .tag, 1, 4, "!thing"),
    ("a: !!python/object:os.system x", .tag, 1, 4, "python"),
    ("a: 1\n---\nb: 2", .severalDocuments, 2, 1, "second document"),
    ("a: *b", .syntax, 1, 4, "alias"), ("a: &a [*a]", .syntax, 1, 8, "alias"),
    ("a: b\u{0}c", .encoding, 1, 5, "control character"),
    ("a: 1\nb: \u{7}", .encoding, 2, 4, "control character"),
    ("a: &x 1\nb: &x 2", .syntax, 2, 4, "two values"), ("c: @d", .syntax, 1, 4, "cannot start"),
  ])
  func faultsHaveAPlace(text: String, code: YAMLError.Code, line: Int, column: Int, part: String) throws {
    let fault = try #require(failure(text)?.faults.first)
    #expect(fault.code == code && fault.place == YAMLPlace(line: line, column: column), "\(fault)")
    #expect(fault.message.contains(part), "\(fault.message)")
  }

  @Test func bytesThatAreNoTextHaveAPlace() throws {
    let error = #expect(throws: YAMLError.self) { try YAMLNode.read(Array("a: 1\nb: ü".utf8) + [0xff, 0x0a]) }
    #expect(error?.faults.first?.code == .encoding && error?.faults.first?.place == YAMLPlace(line: 2, column: 5))
    let utf16 = #expect(throws: YAMLError.self) { try YAMLNode.read([0xff, 0xfe, 0x61, 0x00]) }
    #expect(utf16?.code == .encoding)
  }

  @Test func severalFaultsAreToldAtOnce() throws {
    let error = try #require(failure("a: 1\na: 2\n[b]: 3\nc: !d e\n---\nf: g"))
    #expect(error.faults.map(\.code) == [.duplicateKey, .keyIsNoText, .tag, .severalDocuments])
    #expect(error.description.hasPrefix("line 2, column 1: the key \"a\""))
  }

  /// Values may be secrets: no fault repeats one.
  @Test(arguments: [
    "token: \"geheim", "token: [geheim", "token: geheim\n\tx: geheim", "token: geheim: geheim", "token: *geheim",
    "a: geheim\na: geheim", "token: !<tag:x> geheim", "token: geheim\n---\ntoken: geheim",
    "token: {geheim: [geheim}", "- geheim\ngeheim", "token: %geheim", "token: \"\\qgeheim\"",
  ])
  func noFaultRepeatsAValue(text: String) throws {
    let error = try #require(failure(text))
    #expect(!error.description.contains("geheim"), "\(error)")
  }
}
