// The decoder against bytes that libpg_query would never write.

import Support
import Testing

@testable import SQLSyntax

struct WireDecoderTests {
  private func decode(_ bytes: [UInt8], depth: Int = 1_000) throws(WireFault) -> Node {
    let schema: Schema
    do throws(SyntaxError) { schema = try Schema.linked.get() } catch { throw .unknownField }
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(WireFault) in
        try WireDecoder(bytes, schema: schema, maximumDepth: depth).parseResult()
      }
    }
    return try result.get()
  }

  private func protobuf(of text: String) throws -> [UInt8] {
    try withProtobuf(of: text) { Array($0) }
  }

  @Test func emptyIsAnEmptyResult() throws {
    let node = try decode([])
    #expect(node.kind == .parseResult)
    #expect(node.fields.isEmpty)
  }

  @Test(arguments: [
    (WireFault.truncated, [0x08] as [UInt8]),
    (.truncated, [0x08, 0x80]),
    (.badTag, [0x00]),
    (.badTag, [0x07, 0x00]),
    (.badTag, [0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00]),
    (.badNumber, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]),
    (.badNumber, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    (.badLength, [0x12, 0x05, 0x00]),
    (.badLength, [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    // Field 3 of ParseResult; field 99; groups, which protobuf 3 has not.
    (.unknownField, [0x18, 0x00]),
    (.unknownField, [0x98, 0x06, 0x00]),
    (.wrongWireType, [0x0b, 0x0c]),
    // `version` as a string, `stmts` as a number; `version` twice.
    (.wrongWireType, [0x0a, 0x00]),
    (.wrongWireType, [0x10, 0x00]),
    (.repeatedTwice, [0x08, 0x01, 0x12, 0x00, 0x08, 0x01]),
    // A RawStmt whose Node is of an alternative that is not there, of the wrong wire type, or two at once.
    (.unknownAlternative, [0x12, 0x06, 0x0a, 0x04, 0xf8, 0xff, 0x03, 0x00]),
    (.wrongWireType, [0x12, 0x04, 0x0a, 0x02, 0x08, 0x00]),
    (.repeatedTwice, [0x12, 0x06, 0x0a, 0x04, 0x0a, 0x00, 0x0a, 0x00]),
  ])
  func refuses(_ fault: WireFault, _ bytes: [UInt8]) {
    #expect(throws: fault) { try decode(bytes) }
  }

  @Test func everyTruncationIsRefusedOrSmaller() throws {
    let whole = try protobuf(of: "select a, 'b', 1.5 from t where c = any ($1)")
    let complete = try decode(whole)
    for length in 0..<whole.count {
      if let node = try? decode(Array(whole.prefix(length))) { #expect(!node.isSame(as: complete)) }
    }
  }

  @Test func depthIsCounted() throws {
    let bytes = try protobuf(of: "select 1+1+1+1")
    // SelectStmt, ResTarget, three A_Expr, A_Const, Integer.
    #expect(throws: Never.self) { try decode(bytes, depth: 7) }
    #expect(throws: WireFault.tooDeep) { try decode(bytes, depth: 6) }
  }

  @Test func stringsMustBeUTF8() throws {
    var bytes = try protobuf(of: "select 'abcé'")
    let place = try #require(bytes.firstIndex(of: 0xc3))
    bytes[place] = 0xff
    #expect(throws: WireFault.notUTF8) { try decode(bytes) }
  }

  @Test(arguments: seeds(4))
  func mutatedBytesAreDecodedOrRefused(_ seed: UInt64) throws {
    var dice = SeededRandom(seed: seed)
    let originals = try Corpus.all.map { try protobuf(of: $0) }
    var refused = 0
    for round in 0..<8_000 {
      var bytes = originals[round % originals.count]
      for _ in 0...Int.random(in: 0..<4, using: &dice) { mutate(&bytes, with: &dice) }
      do throws(WireFault) { _ = try decode(bytes) } catch { refused += 1 }
    }
    #expect(refused > 1_000, "seed \(seed)")
    #expect(refused < 8_000, "seed \(seed)")
  }

  private func mutate(_ bytes: inout [UInt8], with dice: inout SeededRandom) {
    let place = Int.random(in: 0..<max(bytes.count, 1), using: &dice)
    guard place < bytes.count else { return }
    switch Int.random(in: 0..<5, using: &dice) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(UInt8.random(in: 0...255, using: &dice), at: place)
    default: bytes.removeLast(bytes.count - place)
    }
  }
}
