// The fixtures against a real planner: what a shape claims is what PostgreSQL can use an index for, no less, no more.

import Database
import SQLSyntax
import Support
import Testing

@testable import IndexTuner

@Suite struct ShapeServerTests {
  /// Claims that depend on costs, on the collation of the cluster, or on more than the reader looks into.
  private static let exceptions: Set<String> = [
    // The planner goes by ctid.
    "system columns",
    "LIKE with a prefix, sorted by language",
    // Equal to a function's column that equals a constant.
    "function of another table's columns",
  ]

  private struct Probe {
    var table: String
    var column: String
    var cases: [ShapeCase]
  }

  /// One index on one column at a time, and nothing else the planner could do but read whole tables.
  @Test(.needsServer)
  func shapesAgreeWithThePlanner() async throws {
    let catalog = try ShapeFixtures.catalog("Fixtures/tuning/shapes/shop.sql")
    let cases = try ["conditions.txt", "names.txt", "subqueries.txt", "ordering.txt", "writes.txt"]
      .flatMap { try ShapeFixtures.cases($0) }.filter { !Self.exceptions.contains($0.title) }
    let shapes = try cases.map {
      ShapeReader().shape(of: try #require(try parse($0.text).first), in: catalog, searchPath: ["public"])
    }
    var probes: [Probe] = []
    for relation in catalog.relations.values where [.table, .partitionedTable].contains(relation.kind) {
      let own = zip(cases, shapes).filter { $0.1.uses.contains { $0.table == relation.id } }.map(\.0)
      let name = "\(quotedIdentifier(relation.schema)).\(quotedIdentifier(relation.name))"
      for column in relation.columns where column.isSortable {
        probes.append(Probe(table: name, column: quotedIdentifier(column.name), cases: own))
      }
    }
    let script = Self.script(for: probes)
    let schema = try ShapeFixtures.text("Fixtures/tuning/shapes/shop.sql")
    let answer = try await withDatabase(schema: schema, hasExtensions: false) { url in
      try await onOwnThread {
        let psql = try ScratchCluster.shared().psql
        return try requireCommand([psql, "-XqAt", "-d", url, "-f", "-"], input: script)
      }
    }
    let used = Self.used(in: answer, probes)
    #expect(used.planned.count > cases.count / 2)
    for (one, shape) in zip(cases, shapes) where used.planned.contains(one.title) {
      let claims = Self.claims(of: shape, in: catalog)
      let planner = used.columns[one.title] ?? []
      #expect(planner.subtracting(claims.all).isEmpty, "\(one.title): the planner uses more")
      #expect(claims.filters.subtracting(planner).isEmpty, "\(one.title): the planner uses less")
    }
  }

  private static func claims(of shape: QueryShape, in catalog: Catalog) -> (filters: Set<String>, all: Set<String>) {
    var filters: Set<String> = []
    var all: Set<String> = []
    for use in shape.uses {
      guard let relation = catalog[use.table] else { continue }
      let table = "\(quotedIdentifier(relation.schema)).\(quotedIdentifier(relation.name))"
      func named(_ columns: [String]) -> Set<String> {
        Set(columns.filter { relation.column($0)?.isSortable == true }.map { "\(table).\(quotedIdentifier($0))" })
      }
      if relation.kind != .materializedView && relation.kind != .foreignTable {
        filters.formUnion(named(use.equalities + use.ranges))
      }
      all.formUnion(named(use.equalities + use.ranges + use.joins.map(\.column)))
      all.formUnion(named(use.arms.flatMap { $0.equalities + $0.ranges }))
    }
    return (filters, all.union(filters))
  }

  private static func script(for probes: [Probe]) -> String {
    var lines = [
      "\\set ON_ERROR_STOP off", "SET client_min_messages = error;",
      "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint",
      "WHERE contype IN ('p', 'u') AND conparentid = 0 AND connamespace::regnamespace::text IN ('public', 'archive')",
      "LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP;",
      "FOR c IN SELECT indexrelid::regclass AS t FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid",
      "WHERE relnamespace::regnamespace::text IN ('public', 'archive') LOOP EXECUTE format('DROP INDEX %s', c.t);",
      "END LOOP; END $$;", "SET enable_seqscan = off;", "SET enable_hashjoin = off;", "SET enable_mergejoin = off;",
      "SET enable_material = off;", "SET enable_indexonlyscan = off;", "SET jit = off;",
    ]
    for (place, probe) in probes.enumerated() {
      lines.append("BEGIN; CREATE INDEX probe ON \(probe.table) (\(probe.column));")
      for (number, one) in probe.cases.enumerated() {
        lines.append("\\echo @@\(place):\(number)")
        lines.append("SAVEPOINT s; EXPLAIN (COSTS OFF) \(one.text); ROLLBACK TO s;")
      }
      lines.append("ROLLBACK;")
    }
    return lines.joined(separator: "\n")
  }

  /// By title, the columns whose index stands in a condition of the plan; and the titles that could be planned.
  private static func used(
    in answer: String, _ probes: [Probe]
  ) -> (columns: [String: Set<String>], planned: Set<String>) {
    var columns: [String: Set<String>] = [:]
    var planned: Set<String> = []
    for block in answer.split(separator: "@@") {
      let lines = block.split(separator: "\n")
      let head = lines[0].split(separator: ":").compactMap { Int($0) }
      // Statements with unknown names, or with parameters, have no plan here.
      guard head.count == 2, lines.count > 1, !block.contains("ERROR: ") else { continue }
      let probe = probes[head[0]]
      let title = probe.cases[head[1]].title
      planned.insert(title)
      // `IS NOT NULL` finds nearly all rows, and min and max put it there by themselves.
      let conditions = lines.filter { $0.contains("Index Cond:") && !$0.hasSuffix(" IS NOT NULL)") }
      if !conditions.isEmpty { columns[title, default: []].insert("\(probe.table).\(probe.column)") }
    }
    return (columns, planned)
  }
}
