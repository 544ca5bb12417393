// Work on all cores: everything comes out in its place.

import Database
import SQLSyntax
import Testing

@testable import IndexTuner

@Suite struct OnAllCoresTests {
  @Test(arguments: [0, 1, 7, 8, 33, 1_000]) func everyResultStandsInItsPlace(count: Int) async {
    let numbers = Array(0..<count)
    #expect(await onAllCores(numbers) { $0 * 3 } == numbers.map { $0 * 3 })
  }

  @Test func aPoolMadeAtOnceIsTheSame() async throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let shapes = try ShapeFixtures.cases("candidates.txt").flatMap { one in
      try parse(one.text).map { ShapeReader().shape(of: $0, in: catalog, searchPath: ["public"]) }
    }
    let pool = CandidatePool(for: shapes, in: catalog)
    let made = await CandidatePool.made(for: shapes.reversed(), in: catalog, maximumColumns: 3)
    #expect(made.candidates == pool.candidates && made.unpriced == pool.unpriced)
    #expect(pool.candidates == pool.candidates.sorted())
  }
}
