// How indexes are written: quoting, directions, names that fit and do not clash, partitioned tables.

import Database
import IndexTuner
import Testing

@Suite struct IndexDefinitionTests {
  private func index(_ keys: [IndexDefinition.Key], table: String = "orders") -> IndexDefinition {
    IndexDefinition(table: 1, schema: "public", tableName: table, keys: keys)
  }

  @Test func keysAreQuotedAndDirected() {
    let index = index([.init("CustomerId"), .init("created_at", isDescending: true), .init("order")])
    #expect(index.keyList == #""CustomerId", created_at DESC, "order""#)
    #expect(self.index([.init("a", isDescending: true, nullsFirst: false)]).keyList == "a DESC NULLS LAST")
    #expect(self.index([.init("a", nullsFirst: true)]).keyList == "a NULLS FIRST")
    #expect(
      self.index([.init("a")], table: "Weird \"Table\"").hypotheticalStatement
        == #"CREATE INDEX ON public."Weird ""Table""" USING btree (a)"#)
  }

  @Test func namesAvoidWhatIsTakenAndStayWithin63Bytes() {
    let plain = index([.init("customer_id"), .init("created_at")])
    #expect(plain.name(avoiding: []) == "orders_customer_id_created_at_idx")
    #expect(
      plain.name(avoiding: ["orders_customer_id_created_at_idx"]) == "orders_customer_id_created_at_idx1")
    let long = index([.init(String(repeating: "ü", count: 60))])
    #expect(long.name(avoiding: []).utf8.count <= 63)
    #expect(long.name(avoiding: []).hasSuffix("_idx"))
  }

  @Test func aPartitionedTableIsIndexedPartitionByPartition() {
    let parent = Relation(
      id: 1, schema: "public", name: "events", kind: .partitionedTable, leaves: [2, 3])
    let leaves = [
      Relation(id: 3, schema: "public", name: "events_2024_02", kind: .table, parent: 1),
      Relation(id: 2, schema: "archive", name: "events_2024_01", kind: .table, parent: 1),
    ]
    let statements = IndexDefinition(on: parent, keys: [.init("kind")]).statements(
      named: "events_kind_idx", in: Catalog([parent] + leaves))
    #expect(
      statements == [
        "CREATE INDEX events_kind_idx ON ONLY public.events (kind);",
        "CREATE INDEX CONCURRENTLY events_2024_01_kind_idx ON archive.events_2024_01 (kind);",
        "ALTER INDEX public.events_kind_idx ATTACH PARTITION archive.events_2024_01_kind_idx;",
        "CREATE INDEX CONCURRENTLY events_2024_02_kind_idx ON public.events_2024_02 (kind);",
        "ALTER INDEX public.events_kind_idx ATTACH PARTITION public.events_2024_02_kind_idx;",
      ])
  }

  @Test func equalityIgnoresNamesAndOrderIsByText() {
    #expect(index([.init("a")]) == index([.init("a")], table: "renamed"))
    #expect(index([.init("a")]) < index([.init("b")]))
    #expect(index([.init("a")]) != index([.init("a", isDescending: true)]))
  }
}
