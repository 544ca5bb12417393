// Candidates of each generator and of all together, from the fixture file.

import Database
import SQLSyntax
import Testing

@testable import IndexTuner

@Suite struct CandidateTests {
  @Test(arguments: try ShapeFixtures.cases("candidates.txt"))
  func candidates(of one: ShapeCase) throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let shapes = try parse(one.text).map { ShapeReader().shape(of: $0, in: catalog, searchPath: ["public"]) }
    let id = one.title.split(separator: ":")[0]
    let found: [IndexDefinition]
    if id == "pool" {
      found = CandidatePool(for: shapes, in: catalog).candidates
    } else {
      let generator = try #require(allGenerators(maximumColumns: 3).first { $0.id == id })
      found = shapes.flatMap { generator.candidates(for: $0, in: catalog) }
    }
    #expect(found.map(Self.line).joined(separator: "\n") == one.expected, "\(one.title)")
  }

  static func line(_ index: IndexDefinition) -> String { "\(index.qualifiedTable) \(index.body)" }

  @Test func everyGeneratorHasItsOwnNameAndACase() throws {
    let generators = allGenerators(maximumColumns: 3)
    let cases = try ShapeFixtures.cases("candidates.txt")
    #expect(Set(generators.map(\.id)).count == generators.count)
    for generator in generators {
      #expect(cases.contains { $0.title.hasPrefix("\(generator.id):") && !$0.expected.isEmpty }, "\(generator.id)")
      #expect(!generator.summary.isEmpty)
    }
  }

  @Test(arguments: 1...4)
  func noCandidateHasMoreColumnsThanAllowed(maximum: Int) throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let statements = try ShapeReaderTests.files.flatMap { try ShapeFixtures.cases($0) }.compactMap {
      try? parse($0.text).first
    }
    let shapes = statements.map { ShapeReader().shape(of: $0, in: catalog, searchPath: ["public"]) }
    let candidates = CandidatePool(for: shapes, in: catalog, maximumColumns: maximum).candidates
    #expect(candidates.map(\.keys.count).max() == maximum)
    #expect(candidates == candidates.sorted())
    #expect(Set(candidates).count == candidates.count)
    #expect(candidates.allSatisfy { Set($0.keys.map(\.column)).count == $0.keys.count })
    #expect(candidates.allSatisfy { $0.keys.first?.isDescending == false })
  }

  /// Each candidate costs calls of the planner: the kinds beside plain columns add fewer than six for ten.
  @Test func theFurtherKindsStayFew() throws {
    let catalog = try ShapeFixtures.catalog("Benchmarks/tpch/schema.sql")
    var found: Set<IndexDefinition> = []
    for one in try ShapeFixtures.cases("tpch.txt") {
      let statement = try #require(try parse(one.text).first)
      let shape = ShapeReader().shape(of: statement, in: catalog, searchPath: ["public"])
      for generator in allGenerators(maximumColumns: 3) {
        found.formUnion(generator.candidates(for: shape, in: catalog))
      }
    }
    let plain = found.filter(\.isPlain).count
    #expect(plain > 150)
    #expect((found.count - plain) * 10 < plain * 6, "\(found.count - plain) beside \(plain)")
  }

  @Test func theOrderOfStatementsDoesNotMatter() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let shapes = try ShapeReaderTests.files.flatMap { try ShapeFixtures.cases($0) }.compactMap {
      try? parse($0.text).first
    }.map { ShapeReader().shape(of: $0, in: catalog, searchPath: ["public"]) }
    var few = Limits()
    few.candidates = 40
    let forwards = CandidatePool(for: shapes, in: catalog, limits: few).candidates
    #expect(forwards.count == 40)
    #expect(CandidatePool(for: shapes.reversed(), in: catalog, limits: few).candidates == forwards)
  }

  // MARK: - Existing indexes that a proposal makes superfluous

  private func proposal(_ keys: [IndexDefinition.Key], in catalog: Catalog) throws -> IndexDefinition {
    IndexDefinition(
      on: try #require(catalog.relation(schema: nil, name: "products", searchPath: ["public"])), keys: keys)
  }

  @Test func aLeadingPartOfAProposalIsRedundant() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let other = try proposal([.init("name")], in: catalog)
    let wider = try proposal([.init("category_id"), .init("name")], in: catalog)
    let found = CandidatePool.existingIndexesMadeRedundant(by: [other, wider], in: catalog)
    #expect(
      found == [RedundantIndex(name: "products_category", table: "public.products", bytes: 4_096, coveredBy: 1)])
  }

  @Test func directionsCountForRedundancy() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let same = try proposal(
      [.init("price"), .init("name", isDescending: true), .init("category_id")], in: catalog)
    let mixed = try proposal([.init("price"), .init("name"), .init("category_id")], in: catalog)
    #expect(
      CandidatePool.existingIndexesMadeRedundant(by: [same], in: catalog).map(\.name) == ["products_price"])
    #expect(CandidatePool.existingIndexesMadeRedundant(by: [mixed], in: catalog).isEmpty)
  }

  @Test func uniquePartialAndEqualIndexesStay() throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let overUnique = try proposal([.init("sku"), .init("name")], in: catalog)
    let overPartial = try proposal([.init("name"), .init("sku")], in: catalog)
    let equal = try proposal([.init("category_id")], in: catalog)
    #expect(
      CandidatePool.existingIndexesMadeRedundant(by: [overUnique, overPartial, equal], in: catalog).isEmpty)
  }
}
