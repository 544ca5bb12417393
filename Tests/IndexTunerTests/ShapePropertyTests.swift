// What holds of every shape, whatever the statement: it is read, bounded, and never names what is not there.

import Database
import SQLSyntax
import Testing

@testable import IndexTuner

@Suite struct ShapePropertyTests {
  private static func corpus() throws -> [Statement] {
    try (ShapeReaderTests.files + ["candidates.txt", "tpch.txt"]).flatMap { try ShapeFixtures.cases($0) }
      .flatMap { (try? parse($0.text)) ?? [] }
  }

  @Test func withoutACatalogNothingIsClaimed() throws {
    let corpus = try Self.corpus()
    #expect(corpus.count > 300)
    for statement in corpus {
      let shape = ShapeReader().shape(of: statement, in: Catalog(), searchPath: ["public"])
      #expect(shape.uses.isEmpty)
      #expect(shape.updatedColumns.isEmpty)
      #expect(shape.parameters.values.allSatisfy { $0.table == nil && $0.column == nil })
    }
  }

  @Test func aRelationThatIsNotThereGivesANote() throws {
    let statement = try #require(try parse("SELECT a FROM nosuch JOIN \"No\" USING (b) WHERE a = 1").first)
    let shape = ShapeReader().shape(of: statement, in: Catalog(), searchPath: ["public"])
    #expect(shape.notes == ["relation nosuch was not found", "relation \"No\" was not found"])
  }

  @Test func onlyExistingColumnsAreNamed() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    for statement in try Self.corpus() {
      let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
      for use in shape.uses {
        let relation = try #require(catalog[use.table])
        let named =
          use.equalities + use.ranges + use.joins.map(\.column) + use.orderings.flatMap { $0.keys.map(\.column) }
          + use.groupings.flatMap { $0 } + use.extremes + use.arms.flatMap { $0.equalities + $0.ranges }
        #expect(named.allSatisfy { relation.column($0) != nil }, "\(statement.text)")
        #expect(Set(named).isSubset(of: use.referenced), "\(statement.text)")
        #expect(use.joins.allSatisfy { shape.uses.indices.contains($0.otherUse) })
      }
      for index in CandidatePool(for: [shape], in: catalog).candidates {
        #expect(index.keys.allSatisfy { catalog[index.table]?.column($0.column) != nil })
      }
    }
  }

  @Test func everyParameterHasARole() throws {
    let statement = try #require(
      try parse("WITH unread AS (SELECT $1) SELECT f($2) FROM nosuch WHERE a = $3 ORDER BY $4 LIMIT $5").first)
    let shape = ShapeReader().shape(of: statement, in: Catalog(), searchPath: [])
    #expect(shape.parameters.keys.sorted() == [1, 2, 3, 4, 5])
    #expect(shape.parameters[5]?.role == .limit)
  }

  @Test func partnersAreMutual() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    for statement in try Self.corpus() {
      let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
      for (number, use) in shape.parameters {
        guard let partner = use.partner else { continue }
        #expect(shape.parameters[partner]?.partner == number)
        #expect(shape.parameters[partner]?.column == use.column)
      }
    }
  }

  // MARK: - Statements made at random

  /// Statements of many forms over tables that are partly there; the same seed, the same statements.
  private struct Grammar {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }

    mutating func one(of choices: [String]) -> String { choices[below(choices.count)] }

    mutating func column() -> String {
      one(of: ["id", "a.id", "b.status", "status", "customer_id", "placed_at", "x.y", "\"Id\"", "a.*", "ctid", "total"])
    }

    mutating func expression(_ depth: Int) -> String {
      guard depth > 0 else { return one(of: [column(), "$1", "7", "'x%'", "NULL", "$2::int", "now()"]) }
      switch below(10) {
      case 0: return "(\(expression(depth - 1)) + \(expression(depth - 1)))"
      case 1: return "lower(\(expression(depth - 1)))"
      case 2: return "(\(query(depth - 1)))"
      case 3: return "CASE WHEN \(condition(depth - 1)) THEN \(expression(depth - 1)) END"
      case 4: return "(\(expression(depth - 1)), \(expression(depth - 1)))"
      case 5: return "max(\(expression(depth - 1))) OVER (PARTITION BY \(column()) ORDER BY \(column()))"
      default: return column()
      }
    }

    mutating func condition(_ depth: Int) -> String {
      guard depth > 0 else { return "\(column()) = \(expression(0))" }
      switch below(12) {
      case 0: return "(\(condition(depth - 1)) OR \(condition(depth - 1)))"
      case 1: return "NOT (\(condition(depth - 1)))"
      case 2: return "EXISTS (\(query(depth - 1)))"
      case 3: return "\(expression(0)) IN (\(query(depth - 1)))"
      case 4: return "\(expression(depth - 1)) BETWEEN \(expression(0)) AND \(expression(0))"
      case 5: return "\(expression(depth - 1)) IS NULL"
      case 6: return "\(expression(0)) = ANY ($3)"
      case 7: return "\(column()) LIKE \(expression(0))"
      case 8: return "(\(column()), \(column())) > (\(expression(0)), \(expression(0)))"
      default: return "(\(condition(depth - 1)) AND \(expression(depth - 1)) = \(expression(depth - 1)))"
      }
    }

    mutating func source(_ depth: Int) -> String {
      let table = one(of: [
        "orders", "customers", "nosuch", "archive.orders", "c", "open_orders", "all_orders", "events",
      ])
      guard depth > 0 else { return "\(table) \(one(of: ["a", "b", ""]))" }
      switch below(7) {
      case 0: return "(\(query(depth - 1))) \(one(of: ["a", "b (id, status)"]))"
      case 1: return "LATERAL (\(query(depth - 1))) b"
      case 2:
        let kind = one(of: ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        return "\(source(0)) \(kind) \(source(depth - 1)) ON \(condition(1))"
      case 3: return "\(source(0)) \(one(of: ["NATURAL JOIN", "CROSS JOIN"])) \(source(depth - 1))"
      case 4: return "orders a JOIN archive.orders b USING (id, status)"
      case 5: return "unnest(\(expression(0))) AS b (id)"
      default: return "\(table) \(one(of: ["a", "b", ""])), \(source(depth - 1))"
      }
    }

    mutating func query(_ depth: Int) -> String {
      guard depth > 0 else { return "SELECT \(column()) FROM \(source(0))" }
      switch below(9) {
      case 0: return "\(query(depth - 1)) \(one(of: ["UNION", "UNION ALL", "EXCEPT"])) \(query(depth - 1))"
      case 1: return "WITH \(one(of: ["", "RECURSIVE"])) c AS (\(query(depth - 1))) \(query(depth - 1))"
      case 2: return "VALUES (\(expression(0)), $4)"
      default:
        let list = one(of: ["*", "DISTINCT \(column())", "\(expression(1)) AS z, id", "count(*)", "min(\(column()))"])
        let tail = one(
          of: ["", "GROUP BY \(column())", "ORDER BY 1 DESC, \(column()) LIMIT $5", "ORDER BY z", "LIMIT 3"])
        return "SELECT \(list) FROM \(source(depth - 1)) WHERE \(condition(depth)) \(tail)"
      }
    }

    mutating func statement() -> String {
      switch below(8) {
      case 0: return "UPDATE orders a SET status = \(expression(1)) FROM \(source(1)) WHERE \(condition(2))"
      case 1: return "DELETE FROM orders a USING \(source(1)) WHERE \(condition(2)) RETURNING *"
      case 2: return "INSERT INTO orders \(query(2))"
      default: return query(3)
      }
    }
  }

  @Test func randomStatementsAreRead() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    var grammar = Grammar(state: 20_240_917)
    var count = 0
    var used = 0
    for _ in 0..<3_000 {
      guard let statement = try? parse(grammar.statement()).first else { continue }
      count += 1
      let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
      #expect(shape == ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"]))
      for use in shape.uses {
        let relation = try #require(catalog[use.table])
        #expect((use.equalities + use.ranges + use.referenced).allSatisfy { relation.column($0) != nil })
      }
      used += shape.uses.contains { !$0.equalities.isEmpty || !$0.joins.isEmpty } ? 1 : 0
      _ = CandidatePool(for: [shape], in: catalog)
    }
    // The grammar makes mostly valid statements; a reader that claimed nothing would show here.
    #expect(count > 1_000)
    #expect(used > count / 4)
  }

  // MARK: - Bounds

  @Test func deepNestingEndsInANote() throws {
    let deep = String(repeating: "total + ", count: 600) + "1"
    let statement = try #require(try parse("SELECT 1 FROM orders WHERE total = \(deep) AND status = 'x'").first)
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
    #expect(shape.uses.first?.equalities == ["status"])
    #expect(shape.notes.contains { $0.hasPrefix("nested more than") })
  }

  @Test(arguments: [
    ("SELECT * FROM (", "SELECT * FROM orders", ") x"),
    ("SELECT 1 FROM orders WHERE EXISTS (", "SELECT 1", ")"),
    ("SELECT 1 FROM orders WHERE id IN (", "SELECT 1", ")"),
    ("SELECT (", "SELECT 1", ")"),
    ("WITH a AS (", "SELECT 1", ") SELECT * FROM a"),
    ("SELECT 1 FROM orders WHERE id IN (SELECT CASE WHEN archived THEN (", "SELECT 1", ") END FROM orders)"),
  ])
  func deepSubqueriesEndInANote(open: String, middle: String, close: String) throws {
    let text = String(repeating: open, count: 90) + middle + String(repeating: close, count: 90)
    let statement = try #require(try parse(text).first)
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
    #expect(shape.notes.contains { $0.hasPrefix("nested more than") })
  }

  @Test func longChainsOfUnionAreRead() throws {
    let chain = Array(repeating: "SELECT id FROM orders WHERE status = 'x'", count: 350).joined(
      separator: " UNION ALL ")
    let statement = try #require(try parse(chain).first)
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
    #expect(shape.uses.count == 350)
    #expect(shape.uses.allSatisfy { $0.equalities == ["status"] })
    #expect(shape.notes.isEmpty)
  }

  @Test func multiplyingViewsAndCTEsEnd() throws {
    let relation = Relation(
      id: 1, schema: "public", name: "t", kind: .table, columns: [Column(name: "a", number: 1, typeName: "integer")])
    var catalog = Catalog([relation])
    var inner = "t"
    for level in 1...7 {
      let name = "v\(level)"
      let body = (0..<9).map { "SELECT a FROM \(inner) x\($0)" }.joined(separator: " UNION ALL ")
      catalog.insert(
        Relation(id: UInt32(level + 1), schema: "public", name: name, kind: .view, viewDefinition: body))
      inner = name
    }
    let views = try #require(try parse("SELECT 1 FROM v7 WHERE a = 1").first)
    #expect(ShapeReader().shape(of: views, in: catalog, searchPath: ["public"]).uses.count == Limits().tableInstances)
    var with = "WITH c0 AS NOT MATERIALIZED (SELECT a FROM t)"
    for level in 1...30 {
      with += ", c\(level) AS NOT MATERIALIZED (SELECT x.a FROM c\(level - 1) x, c\(level - 1) y)"
    }
    let ctes = try #require(try parse("\(with) SELECT 1 FROM c30 WHERE a = 1").first)
    let shape = ShapeReader().shape(of: ctes, in: catalog, searchPath: ["public"])
    #expect(shape.uses.count == Limits().tableInstances)
    #expect(!shape.notes.isEmpty)
  }

  @Test func namesOfRelations() throws {
    let text =
      "WITH c AS (SELECT * FROM s.a) INSERT INTO b SELECT * FROM c WHERE x IN (SELECT y FROM \"D\") RETURNING 1"
    let statement = try #require(try parse(text).first)
    #expect(relationNames(in: statement) == ["a", "b", "c", "D"])
    #expect(relationNames(inViewDefinition: " SELECT o.id FROM (orders o JOIN x.y ON (true));") == ["orders", "y"])
    #expect(relationNames(inViewDefinition: "SELECT FROM FROM") == [])
  }
}
