// Trees written out: the parser's own bytes again, and text that says the same or none.

import Support
import Testing

@testable import SQLSyntax

struct DeparseTests {
  /// Of libpg_query 15 and 17; 18 writes them all.
  static let misfits = [
    "select * from t where a between b and (c or d)", "select (not a) like b", "select (array[1, 2])[1]",
    "select (a is distinct from b) is not true", "select 1 from x for update of x skip locked",
  ]

  private func bytes(of node: Node) throws(WireFault) -> [UInt8] {
    let schema: Schema
    do throws(SyntaxError) { schema = try Schema.linked.get() } catch { throw .unknownField }
    return try WireEncoder(schema: schema, maximumDepth: 1_000).bytes(of: node)
  }

  private func decoded(_ bytes: [UInt8]) throws -> Node {
    let schema = try Schema.linked.get()
    return try bytes.withUnsafeBytes { bytes in
      Result { () throws(WireFault) in
        try WireDecoder(bytes, schema: schema, maximumDepth: 1_000).parseResult()
      }
    }.get()
  }

  @Test(
    arguments: Corpus.all + misfits + ["", ";", "select 1; select 2", "select -1, 2147483648, -9223372036854775808"])
  func encodingGivesTheParsersOwnBytes(_ text: String) throws {
    let theirs = try withProtobuf(of: text) { Array($0) }
    #expect(try bytes(of: decoded(theirs)) == theirs)
  }

  @Test(arguments: Corpus.all)
  func whatIsWrittenSaysTheSame(_ text: String) throws {
    let statement = try single(text)
    do {
      let written = try deparsed(statement)
      #expect(try single(written).node.isSame(as: statement.node), "\(written)")
    } catch let error as SyntaxError {
      #expect(error.code == .unwritable, "\(error)")
    }
  }

  @Test func queriesAndChangesCanBeWritten() throws {
    let refused = try Corpus.plannable.filter { text in
      let statement = try single(text)
      return (try? deparsed(statement)) == nil
    }
    // XML, and what is among the misfits.
    #expect(refused.count <= 5, "\(refused)")
  }

  /// Each of these has ended a process in the deparser of some version, or is one of a family that has.
  @Test(
    arguments: [
      "set time zone interval '1'", "set time zone interval '1' hour", "create collation c (from = 'x')",
      "copy t to stdout (force_quote 'x')", "select xmlroot(a, version b)",
    ] + Corpus.utility)
  func whatCannotBeTrustedIsRefused(_ text: String) throws {
    let statement = try single(text)
    #expect(#expect(throws: SyntaxError.self) { try deparsed(statement) }?.code == .unwritable)
  }

  @Test(arguments: misfits)
  func misfitsAreRefusedOrRight(_ text: String) throws {
    let statement = try single(text)
    do {
      #expect(try single(deparsed(statement)).node.isSame(as: statement.node))
      #expect(parserVersion >= 180_000)
    } catch let error as SyntaxError {
      // 18's deparser writes some of them right, later releases all.
      #expect(error.code == .unwritable)
    }
  }

  @Test func theOtherStatementsOfATextStayOut() throws {
    let statements = try parse("select a from t -- first\n ; /* b */ delete from u where v = 'x' ; select 3")
    #expect(try statements.map { try deparsed($0) } == ["SELECT a FROM t", "DELETE FROM u WHERE v = 'x'", "SELECT 3"])
  }

  @Test func rebuiltTreesGoByWayOfTheirText() throws {
    let statement = try single("select a from t")
    let rebuilt = statement.node.rebuilt { $0.kind == .rangeVar ? Node(.subLink, []) : nil }
    let forged = Statement(node: rebuilt, text: statement.text, offset: 0)
    #expect(#expect(throws: SyntaxError.self) { try deparsed(forged) }?.code == .unwritable)
    let other = Statement(node: statement.node, text: "select b from t", offset: 0)
    #expect(#expect(throws: SyntaxError.self) { try deparsed(other) }?.code == .unwritable)
    let several = Statement(node: statement.node, text: "select a from t; select 1", offset: 0)
    #expect(#expect(throws: SyntaxError.self) { try deparsed(several) }?.code == .unwritable)
  }

  @Test(arguments: [
    (WireFault.unknownAlternative, Node(.selectStmt, [])),
    (.unknownField, Node(.parseResult, [(.relname, .text("t"))])),
    (.wrongWireType, Node(.parseResult, [(.version, .text("15"))])),
    (.wrongWireType, Node(.parseResult, [(.stmts, .node(Node(.rawStmt, [])))])),
    (.unknownAlternative, Node(.parseResult, [(.stmts, .list([Node(.selectStmt, [])]))])),
    (
      .unknownField,
      Node(.parseResult, [(.stmts, .list([Node(.rawStmt, [(.stmt, .node(Node(.node, [(.location, .flag(true))])))])]))])
    ),
    (
      .unknownSymbol,
      Node(
        .parseResult,
        [(.stmts, .list([Node(.rawStmt, [(.stmt, .node(Node(.selectStmt, [(.op, .symbol(.AEXPR_OP))])))])]))])
    ),
  ])
  func treesThatNoSchemaHasAreNotEncoded(_ fault: WireFault, _ node: Node) {
    #expect(throws: fault) { try bytes(of: node) }
  }

  @Test func deepTreesAreWrittenOrRefused() throws {
    for (head, link, count) in [
      ("select 1", "+1", 900), ("select a", "::int", 900), ("select 1", " union select 1", 900),
    ] {
      let statement = try single(head + String(repeating: link, count: count))
      #expect(try single(deparsed(statement)).node.isSame(as: statement.node), "\(link)")
    }
    var node = Node(.integer, [(.ival, .integer(1))])
    for _ in 0..<2_000 { node = Node(.aExpr, [(.lexpr, .node(node))]) }
    let statement = Node(.rawStmt, [(.stmt, .node(node))])
    #expect(throws: WireFault.tooDeep) { try bytes(of: Node(.parseResult, [(.stmts, .list([statement]))])) }
  }

  @Test func valuesOfEveryLengthAreEncoded() throws {
    let values: [Int64] = [0, 1, 127, 128, 16_383, 16_384, .max, -1, .min]
    for value in values {
      let encoded = try bytes(of: Node(.parseResult, [(.version, .integer(value))]))
      #expect(
        try decoded(encoded).fields.first.map { if case .integer(value) = $0.value { true } else { false } } == true)
    }
  }
}
