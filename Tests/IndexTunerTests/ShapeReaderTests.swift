// Shapes of statements, from the fixture files.

import Database
import SQLSyntax
import Testing

@testable import IndexTuner

@Suite struct ShapeReaderTests {
  static let files = [
    "conditions.txt", "names.txt", "subqueries.txt", "ordering.txt", "writes.txt", "parameters.txt",
  ]

  @Test(arguments: try files.flatMap { try ShapeFixtures.cases($0) })
  func shape(of one: ShapeCase) throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let statement = try #require(try parse(one.text).first)
    let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
    #expect(shape.lines(in: catalog) == one.expected, "\(one.title)")
  }

  @Test(arguments: try ShapeFixtures.cases("tpch.txt"))
  func benchmark(of one: ShapeCase) throws {
    let catalog = try ShapeFixtures.catalog("Benchmarks/tpch/schema.sql")
    let statement = try #require(try parse(one.text).first)
    let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
    #expect(shape.lines(in: catalog) == one.expected, "\(one.title)")
  }
}
