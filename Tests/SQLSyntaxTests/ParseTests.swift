// From text to statements.

import Testing

@testable import SQLSyntax

struct ParseTests {
  @Test func treesCarryPostgresNames() throws {
    let statement = try single("select a, 5 from s.t where b = 'x'")
    #expect(
      statement.node.description
        == "(selectStmt targetList:[(resTarget val:(columnRef fields:[(string sval:\"a\")])) "
        + "(resTarget val:(aConst ival:(integer ival:5)))] "
        + "fromClause:[(rangeVar schemaname:\"s\" relname:\"t\" inh:true relpersistence:\"p\")] "
        + "whereClause:(aExpr kind:AEXPR_OP name:[(string sval:\"=\")] lexpr:(columnRef fields:[(string sval:\"b\")]) "
        + "rexpr:(aConst sval:(string sval:\"x\"))) limitOption:LIMIT_OPTION_DEFAULT op:SETOP_NONE)")
  }

  @Test func constantsKeepTheirValues() throws {
    let constants = try single("select -5, 0, 3000000000, '', true, false, null, b'1'").node.all(.aConst)
    #expect(constants.map { $0.child(.ival)?.integer(.ival) } == [-5, 0, nil, nil, nil, nil, nil, nil])
    #expect(constants[2].child(.fval)?.text(.fval) == "3000000000")
    #expect(constants[3].child(.sval)?.text(.sval) == "")
    #expect(constants.map { $0.child(.boolval)?.flag(.boolval) } == [nil, nil, nil, nil, true, false, nil, nil])
    #expect(constants.map { $0.flag(.isnull) } == [false, false, false, false, false, false, true, false])
    #expect(constants[7].child(.bsval)?.text(.bsval) == "b1")
  }

  @Test func distinctWithoutColumnsIsAListWithAnEmptyPlace() throws {
    let node = try single("select distinct a from t").node
    #expect(node.children(.distinctClause).map(\.kind) == [.node])
  }

  @Test(arguments: [
    ("select 1", StatementKind.select), ("values (1)", .select), ("insert into t values (1)", .insert),
    ("update t set a = 1", .update), ("delete from t", .delete),
    ("merge into t using s on true when matched then delete", .merge),
    ("create table t (a int)", .utility("CreateStmt")), ("begin", .utility("TransactionStmt")),
  ])
  func kinds(_ text: String, _ kind: StatementKind) throws {
    #expect(try parse(text).map(\.kind) == [kind])
  }

  @Test func statementsKnowTheirOwnWords() throws {
    let source = """
      -- what comes first; is a comment
      select 'a;b' /* inside; */ , $$c;d$$  ;
      ; /* between */ update "t;u" set é = 'ü' where x = 5 -- after
      ;
      select 3
      """
    let statements = try parse(source)
    #expect(
      statements.map(\.text) == [
        "select 'a;b' /* inside; */ , $$c;d$$", "update \"t;u\" set é = 'ü' where x = 5", "select 3",
      ])
    let bytes = Array(source.utf8)
    for statement in statements {
      #expect(Array(bytes[statement.offset...].prefix(statement.text.utf8.count)) == Array(statement.text.utf8))
    }
    let column = try #require(statements[1].node.all(.columnRef).first)
    let place = try #require(statements[1].place(of: column))
    #expect(column.integer(.location) - statements[1].locationBase == place)
    #expect(Array(statements[1].text.utf8)[place] == UInt8(ascii: "x"))
  }

  @Test(arguments: ["", " ", ";", ";;", "-- nothing", "/* nothing */ ; -- at all\n"])
  func nothingIsNoStatement(_ text: String) throws {
    #expect(try parse(text).isEmpty)
    #expect(splitStatements(text).isEmpty)
  }

  @Test(arguments: [
    ("selec 1", 0), ("select 1 frm t x y", 13), ("select 'é' frm t x y", 16), ("select 名前 from from t", 19),
    ("select 1; select 'x", 17), ("select (1", 9),
  ])
  func syntaxErrorsPointAtTheirByte(_ text: String, _ position: Int) {
    let error = #expect(throws: SyntaxError.self) { try parse(text) }
    #expect(error?.code == .syntax)
    #expect(error?.position == position)
    #expect(error?.message.contains("\n") == false)
  }

  @Test func messagesAreOneShortLine() {
    let text = "select 'a\nb" + String(repeating: "é", count: 10_000)
    let error = #expect(throws: SyntaxError.self) { try parse(text) }
    #expect(error?.message.hasPrefix("unterminated quoted string at or near \"'a bé") == true)
    #expect(error?.message.count == 201)
    #expect(error?.position == 7)
  }

  @Test func longNamesAreCutBetweenCharacters() throws {
    // PostgreSQL keeps 63 bytes of a name; the last é would be cut in half.
    let name = String(repeating: "x", count: 62) + "é"
    let table = try #require(parse("select 1 from \"\(name)\"").first?.node.all(.rangeVar).first)
    #expect(table.text(.relname) == String(repeating: "x", count: 62))
  }

  @Test func fingerprintsIgnoreConstantsAndSpacing() throws {
    let one = try fingerprint("select a from t where b = 5")
    #expect(try fingerprint("SELECT  a FROM t\nWHERE b = $1 -- x") == one)
    #expect(try fingerprint("select a from t where c = 5") != one)
    #expect(one.utf8.count == 16 && one.allSatisfy(\.isHexDigit))
    #expect(throws: SyntaxError.self) { try fingerprint("selec") }
  }

  private func comment(_ length: Int) -> String { " /* \(String(repeating: "x", count: length)) */" }

  @Test func textOfMoreThanFourKilobytesGivesTheSameTree() throws {
    let short = "select a from t where b = 1"
    for padding in [5_000, 20_000] {
      let long = try single(short + comment(padding))
      #expect(long.node.isSame(as: try single(short).node))
      #expect(long.text == short)
      let wrong = #expect(throws: SyntaxError.self) { try parse(long.text + comment(padding) + " x y z") }
      #expect(wrong?.position == short.utf8.count + padding + 8)
    }
  }

  @Test func parsingFromManyTasksGivesTheSameTrees() async throws {
    let expected = try Corpus.all.map { try parse($0).description }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for (text, tree) in zip(Corpus.all, expected) {
            guard try parse(text).description == tree else { return false }
            _ = try? parse(text + " )")
            await Task.yield()
          }
          return true
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }
}
