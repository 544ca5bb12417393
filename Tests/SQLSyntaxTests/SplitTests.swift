// Cutting texts into statements without parsing them.

import Support
import Testing

@testable import SQLSyntax

struct SplitTests {
  @Test func semicolonsThatDoNotCut() {
    let pieces = [
      "select 'a;b', E'c\\';d', \"e;f\", $$g;h$$, $x$i;$$;$y$;$x$, U&'j;k', b'1;0'",
      "create rule r as on insert to t do instead (select 1; select 2)",
      "create function f() returns int begin atomic select case when true then 1 end; select 2; end",
      "select a$b$c, $1, 1;".replacing(";", with: ""),
      "select /* ; /* ; */ ; */ 1 -- ;\n + 2",
      "select E'a'\n  '\\';' , 3",
    ]
    #expect(splitStatements(pieces.joined(separator: ";")).map(\.text) == pieces)
    #expect(splitStatements(pieces.joined(separator: " ;\n; -- x\n ") + ";").map(\.text) == pieces)
  }

  @Test func offsetsAreBytesOfTheSource() {
    let source = " é; -- é\n ü ;"
    #expect(
      splitStatements(source) == [StatementText(text: "é", offset: 1), StatementText(text: "ü", offset: 12)])
  }

  @Test func aWrongStatementTakesNoOtherAlong() {
    #expect(splitStatements("selec 1; ) ; select 2").map(\.text) == ["selec 1", ")", "select 2"])
    #expect(splitStatements("select 1; select 'oops; select 2").map(\.text) == ["select 1", "select 'oops; select 2"])
    #expect(splitStatements("select 1; /* oops; select 2").map(\.text) == ["select 1"])
    #expect(splitStatements("select 1; select $a$ oops;").map(\.text) == ["select 1", "select $a$ oops;"])
    #expect(splitStatements("select 1; select E'a\\").map(\.text) == ["select 1", "select E'a\\"])
  }

  @Test(arguments: seeds(3))
  func piecesAreWhatTheParserFinds(_ seed: UInt64) throws {
    var dice = SeededRandom(seed: seed)
    let fillers = [";", " ; ", ";\n", "; -- comment ; '\n", " /* it's; */ ;", ";;", "-- a\n;\r\n"]
    for _ in 0..<50 {
      let chosen = (0..<8).compactMap { _ in Corpus.all.randomElement(using: &dice) }
      var text = ""
      for one in chosen { text += one + (fillers.randomElement(using: &dice) ?? ";") }
      let parsed = try parse(text)
      #expect(parsed.map(\.text) == chosen, "seed \(seed)")
      #expect(
        splitStatements(text) == parsed.map { StatementText(text: $0.text, offset: $0.offset) }, "seed \(seed)")
    }
  }

  /// Random strings of the pieces that lexing is about: wherever libpg_query can lex them, both find the same ends.
  @Test(arguments: seeds(4))
  func lexemesAgreeWithTokens(_ seed: UInt64) {
    let pieces = [
      "'", "\"", "$", "$$", "$a$", "$1", "--", "/*", "*/", "\\", "E'", "e'", "U&'", "U&\"", "b'", "x'", "n'", ";", "(",
      ")",
      "\n", " ", "\t", "a", "E", "é", "1", "1.5", "1e5", "+", "-", "/", "*", ":=", "::", "''", "\"\"", "_", "select",
    ]
    var dice = SeededRandom(seed: seed)
    var compared = 0
    for _ in 0..<30_000 {
      let length = Int.random(in: 1...12, using: &dice)
      let text = (0..<length).compactMap { _ in pieces.randomElement(using: &dice) }.joined()
      do {
        #expect(try Lexing.difference(text) == nil, "\(text.debugDescription) seed \(seed)")
        compared += 1
      } catch {
        continue
      }
    }
    #expect(compared > 1_000, "seed \(seed)")
  }
}
