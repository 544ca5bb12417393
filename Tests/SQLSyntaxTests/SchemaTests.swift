// The generated tables, of which the linked library uses one.

import Testing

@testable import SQLSyntax

struct SchemaTests {
  @Test(arguments: [15, 17, 18])
  func tablesAreConsistent(_ major: Int) throws {
    let table = try #require(Schema.table(ofMajor: major))
    let schema = try #require(Schema(parsing: table))
    #expect(schema.messages.count > 200)
    #expect(schema.messages[schema.parseResult].kind == .parseResult)
    for message in schema.messages {
      let fields = schema.fields[Int(message.firstField)...].prefix(Int(message.fieldCount))
      for field in fields {
        switch field.shape {
        case .message: #expect(schema.messages.indices.contains(Int(field.target)))
        case .symbol: #expect(schema.enumerations.indices.contains(Int(field.target)))
        default: #expect(field.target == 0)
        }
      }
      // The decoder keeps the numbers it has seen in the bits of one word.
      #expect(message.fieldCount <= 64)
    }
    let reachable = schema.alternatives.filter { $0 >= 0 }.map { schema.messages[$0].kind }
    #expect(reachable.contains(.selectStmt) && reachable.contains(.mergeStmt))
    let keywords = schema.enumerations[schema.keywordKinds]
    #expect(try schema.symbol(4, of: schema.keywordKinds) == .RESERVED_KEYWORD)
    #expect(keywords.symbolCount == 5)
  }

  @Test func unknownMajorsHaveNoTable() {
    for major in [0, 14, 16, 19] { #expect(Schema.table(ofMajor: major) == nil) }
  }

  @Test(arguments: ["", "X 1", "M", "M 9999", "M 1 1 2", "M 1 1 9999 0 0", "E 1", "N 1", "N 1 5", "R 0", "R 0 0 0"])
  func wrongTablesAreRefused(_ table: StaticTable) {
    #expect(Schema(parsing: table.text) == nil)
  }

  @Test func symbolsOutsideAnEnumerationAreRefused() throws {
    let schema = try Schema.linked.get()
    #expect(throws: WireFault.unknownSymbol) { try schema.symbol(99, of: schema.keywordKinds) }
    #expect(throws: WireFault.unknownSymbol) { try schema.symbol(1, of: schema.tokenKinds) }
    #expect(throws: WireFault.unknownSymbol) { try schema.symbol(.max, of: schema.tokenKinds) }
  }

  @Test func theVersionIsThatOfTheGrammar() throws {
    #expect((150_000..<190_000).contains(parserVersion))
    #expect(try parse("select 1").count == 1)
  }

  /// A StaticString that can be an argument.
  struct StaticTable: ExpressibleByStringLiteral, Sendable {
    let text: StaticString
    init(stringLiteral text: StaticString) { self.text = text }
  }
}
