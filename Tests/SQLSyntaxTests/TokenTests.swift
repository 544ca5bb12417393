// PostgreSQL's lexer through libpg_query.

import Support
import Testing

@testable import SQLSyntax

struct TokenTests {
  private func spelled(_ text: String) throws -> [String] {
    let bytes = Array(text.utf8)
    return try tokens(of: text).map { "\($0.kind) \(String(decoding: bytes[$0.range], as: UTF8.self))" }
  }

  @Test func kindsAndPlaces() throws {
    #expect(
      try spelled("select a.\"é\" + $1::int, 'ü''x' /* c */ from t where b >= 1.5; -- d") == [
        "SELECT select", "IDENT a", "ASCII_46 .", "IDENT \"é\"", "ASCII_43 +", "PARAM $1", "TYPECAST ::", "INT_P int",
        "ASCII_44 ,", "SCONST 'ü''x'", "C_COMMENT /* c */", "FROM from", "IDENT t", "WHERE where", "IDENT b",
        "GREATER_EQUALS >=", "FCONST 1.5", "ASCII_59 ;", "SQL_COMMENT -- d",
      ])
    #expect(try tokens(of: "select x").map(\.keyword) == [.RESERVED_KEYWORD, .NO_KEYWORD])
  }

  @Test func stringsOfAllSorts() throws {
    #expect(
      try spelled("E'a\\'b' B'1' X'f' $$a$$ $q$ $$ $q$ 'a'\n'b' U&'\\0061''' U&\"x\"") == [
        "SCONST E'a\\'b'", "BCONST B'1'", "XCONST X'f'", "SCONST $$a$$", "SCONST $q$ $$ $q$", "SCONST 'a'\n'b'",
        "USCONST U&'\\0061'''", "UIDENT U&\"x\"",
      ])
  }

  @Test func unicodeStringsEndWhereTheirLastPartEnds() throws {
    #expect(
      try spelled("U&'a'\n 'b' /* c */ , U&\"d\"e") == [
        "USCONST U&'a'\n 'b'", "C_COMMENT /* c */", "ASCII_44 ,", "UIDENT U&\"d\"", "IDENT e",
      ])
  }

  @Test func textNeedNotBeSQL() throws {
    #expect(try spelled(") from ; (") == ["ASCII_41 )", "FROM from", "ASCII_59 ;", "ASCII_40 ("])
    #expect(try tokens(of: "").isEmpty)
    #expect(#expect(throws: SyntaxError.self) { try tokens(of: "select 'é' 'x") }?.position == 12)
    #expect(#expect(throws: SyntaxError.self) { try tokens(of: "a\0b") }?.code == .encoding)
  }

  @Test(arguments: seeds(2))
  func mutatedResultsAreDecodedOrRefused(_ seed: UInt64) throws {
    var dice = SeededRandom(seed: seed)
    let schema = try Schema.linked.get()
    // Three tokens of `select 1;`: start, end, token, keyword kind.
    let whole: [UInt8] = [
      0x08, 0xf1, 0x93, 0x09, 0x12, 0x06, 0x10, 0x06, 0x20, 0x05, 0x28, 0x04, 0x12, 0x07, 0x08, 0x07, 0x10, 0x08, 0x20,
      0x8a, 0x02, 0x12, 0x06, 0x08, 0x08, 0x10, 0x09, 0x20, 0x3b,
    ]
    var refused = 0
    for _ in 0..<5_000 {
      var bytes = whole
      let place = Int.random(in: 0..<bytes.count, using: &dice)
      bytes[place] = UInt8.random(in: 0...255, using: &dice)
      let text = Array("select 1;".utf8)
      let result = text.withUnsafeBufferPointer { text in
        bytes.withUnsafeBytes { bytes in
          Result { () throws(WireFault) in try TokenDecoder(bytes, schema: schema, text: text).tokens() }
        }
      }
      switch result {
      case .success(let tokens): #expect(tokens.allSatisfy { $0.range.upperBound <= text.count }, "seed \(seed)")
      case .failure: refused += 1
      }
    }
    #expect(refused > 1_000, "seed \(seed)")
  }
}
