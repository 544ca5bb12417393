// Tables that inherit without being partitions: read with their parents, each with indexes of its own.

import Database
import SQLSyntax
import Support
import Testing

@testable import IndexTuner

@Suite struct InheritanceTests {
  private func shape(_ text: String, in catalog: Catalog) throws -> QueryShape {
    ShapeReader().shape(of: try #require(try parse(text).first), in: catalog, searchPath: ["public"])
  }

  private func family(of count: UInt32) -> Catalog {
    let columns = [
      Column(name: "id", number: 1, typeName: "integer"), Column(name: "owner", number: 2, typeName: "text"),
    ]
    var parent = Relation(id: 1, schema: "public", name: "parent", kind: .table, columns: columns)
    parent.children = (0..<count).map { $0 + 2 }
    return Catalog(
      [parent]
        + parent.children.map {
          Relation(id: $0, schema: "public", name: "child_\($0)", kind: .table, columns: columns)
        })
  }

  @Test func eachTableIsAskedForTheSame() throws {
    let catalog = family(of: 2)
    let read = try shape("SELECT id FROM parent WHERE owner = 'x'", in: catalog)
    #expect(read.uses.map(\.table) == [1, 2, 3])
    #expect(read.uses.allSatisfy { $0.equalities == ["owner"] && $0.referenced == ["id", "owner"] })
    #expect(read.uses.map(\.isLeading) == [true, false, false])
    #expect(try shape("SELECT id FROM ONLY parent WHERE owner = 'x'", in: catalog).uses.map(\.table) == [1])
    #expect(try shape("SELECT id FROM child_2 WHERE owner = 'x'", in: catalog).uses.map(\.table) == [2])
    let written = try shape("UPDATE parent SET owner = 'y' WHERE id = 1", in: catalog)
    #expect(written.updatedColumns == [1: ["owner"], 2: ["owner"], 3: ["owner"]])
    #expect(try shape("UPDATE ONLY parent SET owner = 'y' WHERE id = 1", in: catalog).updatedColumns == [1: ["owner"]])
    #expect(try shape("INSERT INTO parent VALUES (1, 'x')", in: catalog).uses.isEmpty)
  }

  @Test func theirNumberIsBoundedAndSaid() throws {
    let limits = Limits()
    let read = try shape("SELECT id FROM parent WHERE owner = 'x'", in: family(of: 40))
    #expect(read.uses.count == 1 + limits.inheritingTables)
    #expect(read.uses[0].obstacles == ["of the 40 tables that inherit from it, the 16 largest are looked into"])
    let notes = InheritanceNotes(catalog: family(of: 40), limits: limits)
    let child = try #require(family(of: 40)[20])
    #expect(notes.notes(on: child).first?.hasSuffix("the 16 largest are looked into") == true)
  }

  @Test(.needsServer) func theCatalogKnowsWhoInherits() async throws {
    let schema = """
      CREATE TABLE top (id integer);
      CREATE TABLE small (a integer) INHERITS (top);
      CREATE TABLE large (b integer) INHERITS (top);
      CREATE TABLE one_more () INHERITS (small, large);
      CREATE TABLE parts (id integer) PARTITION BY LIST (id);
      CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
      INSERT INTO large SELECT g, g FROM generate_series(1, 20000) AS g;
      """
    try await withDatabase(schema: schema, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let catalog = try await session.readOnly(ReadOnlyLimits()) { _ in
        try await session.catalog(naming: ["top", "parts"])
      }
      func names(_ name: String) -> [String]? {
        catalog.relation(schema: nil, name: name, searchPath: ["public"])?.children.compactMap { catalog[$0]?.name }
      }
      #expect(names("top") == ["large", "small", "one_more"])
      #expect(names("small") == ["one_more"])
      #expect(names("parts") == [])
      let alone = try await session.readOnly(ReadOnlyLimits()) { _ in try await session.catalog(naming: ["one_more"]) }
      #expect(alone.relations.count == 1)
      await session.close()
    }
  }
}
