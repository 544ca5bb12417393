// The write side: who pays for an index, and that HOT updates are only ended by columns that are updated.

import Database
import IndexTuner
import SQLSyntax
import Testing

@Suite struct WriteCostTests {
  private let orders = Relation(
    id: 10, schema: "public", name: "orders", kind: .table,
    columns: [
      Column(name: "id", number: 1, typeName: "bigint", averageWidth: 8, distinctValues: -1, correlation: 1),
      Column(
        name: "customer_id", number: 2, typeName: "bigint", averageWidth: 8, distinctValues: 5_000, correlation: 0),
      Column(name: "status", number: 3, typeName: "text", averageWidth: 7, distinctValues: 4, correlation: 0.3),
    ], indexes: [Index(id: 11, name: "orders_pkey", keys: [.init(column: "id", text: "id")])],
    rowEstimate: 100_000, heapBytes: 10_000_000,
    activity: TableActivity(inserted: 1_000, updated: 10_000, hotUpdated: 9_000, deleted: 5))

  private func update(of columns: Set<String>, rows: Int64) -> Query {
    Query(
      id: 0, fingerprint: "f", text: "UPDATE", origin: .argument(1), weight: 1, rows: rows,
      shape: QueryShape(command: .update, updatedColumns: [10: columns]))
  }

  private func index(on column: String) -> IndexDefinition { IndexDefinition(on: orders, keys: [.init(column)]) }

  @Test func insertsAndOrdinaryUpdatesAlwaysPay() {
    let model = WriteCostModel(catalog: Catalog([orders]), queries: [])
    let cost = model.cost(of: index(on: "customer_id"))
    #expect(cost.insertedEntries == 1_000)
    #expect(cost.updatedEntries == 1_000)
    #expect(cost.endedHotUpdates == 0)
    #expect(cost.milliseconds > 0)
  }

  @Test func hotUpdatesEndInProportionToTheStatementsThatWriteTheColumn() {
    let model = WriteCostModel(
      catalog: Catalog([orders]),
      queries: [update(of: ["status"], rows: 3_000), update(of: ["note"], rows: 1_000)])
    #expect(model.cost(of: index(on: "status")).endedHotUpdates == 6_750)
    #expect(model.cost(of: index(on: "status")).updatedColumns == ["status"])
    #expect(model.cost(of: index(on: "customer_id")).endedHotUpdates == 0)
    let both = IndexDefinition(on: orders, keys: [.init("customer_id"), .init("status")])
    #expect(model.cost(of: both).endedHotUpdates == 6_750)
  }

  @Test func orderedKeysAreCheaperThanRandomOnes() {
    let model = WriteCostModel(catalog: Catalog([orders]), queries: [])
    #expect(model.cost(of: index(on: "id")).milliseconds < model.cost(of: index(on: "status")).milliseconds)
    #expect(model.cost(of: index(on: "status")).milliseconds < model.cost(of: index(on: "customer_id")).milliseconds)
  }

  @Test func unreadableCountersAreUnknownNotZero() {
    var hidden = orders
    hidden.activity = nil
    let cost = WriteCostModel(catalog: Catalog([hidden]), queries: []).cost(of: index(on: "status"))
    #expect(!cost.isKnown)
  }
}
