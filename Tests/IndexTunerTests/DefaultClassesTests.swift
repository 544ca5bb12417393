// Naming a type's default operator class makes the same index.

import Database
import Support
import Testing

@testable import IndexTuner

@Suite(.needsServer) struct DefaultClassesTests {
  @Test func theSameIndexIsMade() async throws {
    let types: [UInt32: String] = [
      16: "boolean", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 700: "real", 701: "double precision",
      1042: "character(9)", 1043: "character varying(99)", 1082: "date", 1114: "timestamp", 1184: "timestamptz",
      1700: "numeric(9, 2)", 2950: "uuid",
    ]
    #expect(Set(types.keys) == Set(IndexDefinition.defaultClasses.keys))
    let numbers = types.keys.sorted()
    // One more of a type that has a class of its own, and one that has none of these.
    let columns = numbers.map { "c\($0) \(types[$0] ?? "")" } + ["d positive", "n name"]
    let schema = """
      CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TABLE t (\(columns.joined(separator: ", ")));
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let answers = try await session.run([
        .statement(
          "SELECT a.attname::text, a.atttypid::bigint::text FROM pg_attribute AS a WHERE a.attrelid = 't'::regclass AND a.attnum > 0",
          [])
      ])
      let rows = try answers[0].get()
      let known = try rows.rows.indices.map { place in
        Column(
          name: try #require(rows.text(place, 0)), number: place + 1, typeName: "",
          typeID: try #require(rows.text(place, 1).flatMap { UInt32($0) }))
      }
      #expect(known.count == types.count + 2)
      let relation = Relation(id: 1, schema: "public", name: "t", kind: .table, columns: known)
      for column in known {
        let index = IndexDefinition(on: relation, keys: [.init(column.name), .init("c23", isDescending: true)])
        let named = index.namingClasses(in: Catalog([relation]))
        #expect(named.keys[1].text == "c23 pg_catalog.int4_ops DESC")
        #expect(named.keys[0].isPlain == (column.name == "d" || column.name == "n"))
        #expect(try await made(named, session) == made(index, session), "\(column.name)")
      }
      // What has a class, an expression or another method stays as it is.
      for index in [
        IndexDefinition(on: relation, keys: [.init("c25", operatorClass: "text_pattern_ops")]),
        IndexDefinition(on: relation, keys: [.init("c25", expression: "lower(c25)")]),
        IndexDefinition(on: relation, method: .brin, keys: [.init("c23")]),
      ] { #expect(index.namingClasses(in: Catalog([relation])) == index) }
      await session.close()
    }
  }

  /// As HypoPG writes it: a class that is not the default one would be named.
  private func made(_ index: IndexDefinition, _ session: Session) async throws -> String {
    let answers = try await session.run([
      .statement(
        "SELECT hypopg_get_indexdef(h.indexrelid) FROM hypopg_create_index($1::text) AS h",
        [index.hypotheticalStatement])
    ])
    return try #require(try answers[0].get().text(0, 0))
  }
}
