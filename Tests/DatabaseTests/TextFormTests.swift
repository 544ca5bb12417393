// PostgreSQL's text forms: arrays and identifiers, there and back through a real server.

import Database
import Support
import Testing

@Suite struct TextFormTests {
  @Test(arguments: [
    ("plain", "plain"), ("Mixed", "\"Mixed\""), ("two words", "\"two words\""), ("a\"b", "\"a\"\"b\""),
    ("order", "\"order\""), ("_x1", "_x1"), ("1x", "\"1x\""), ("", "\"\""),
  ])
  func quotesIdentifiersAsTheServerDoes(name: String, quoted: String) {
    #expect(quotedIdentifier(name) == quoted)
  }

  @Test(.needsServer) func arraysComeBackAsTheyWent() async throws {
    let values: [String?] = [
      "", nil, "NULL", "null", "a,b", "{x}", "say \"hi\"", "back\\slash", "O'Brien", "x'; DELETE FROM t; --",
      "line\nbreak", " padded ", "ünïcödé 🐘",
    ]
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let back: [[String?]] = try await session.rows("SELECT $1::text[]", [arrayLiteral(values)])
      #expect(back == [values])
      let elements: [String?] = try await session.rows("SELECT unnest($1::text[])", [arrayLiteral(values)])
      #expect(elements == values)
      let empty: [[String]] = try await session.rows("SELECT $1::text[]", [arrayLiteral([])])
      #expect(empty == [[]])
      await session.close()
    }
  }

  @Test(.needsServer) func randomArraysComeBackAsTheyWent() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      await withSeededRandom { random in
        let alphabet = Array("ab\\\"{},' NUL\n\té🐘")
        for _ in 0..<50 {
          let values: [String?] = (0..<Int.random(in: 0...6, using: &random)).map { _ in
            if Int.random(in: 0..<5, using: &random) == 0 { return nil }
            let length = Int.random(in: 0...8, using: &random)
            return String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) })
          }
          let back: [[String?]] = try await session.rows("SELECT $1::text[]", [arrayLiteral(values)])
          #expect(back == [values], "\(random)")
        }
      }
      await session.close()
    }
  }
}
