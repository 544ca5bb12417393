// Columns of the arms of an OR.

import Database

/// PostgreSQL joins one bitmap for each arm; conditions beside the OR narrow every arm
/// (`generate_bitmap_or_paths` in the server's planner).
struct ArmColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "arm-columns"
  let summary = "Each arm of an OR on one table: its equality columns, then a range, also after the common columns"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      columns.use.arms.flatMap { arm -> [[IndexDefinition.Key]] in
        func usable(_ names: [String]) -> [String] {
          names.filter { columns.relation.column($0)?.isSortable == true }
        }
        let equalities = UseColumns.mostDistinctFirst(usable(arm.equalities), in: columns.relation)
        let ranges = usable(arm.ranges)
        var own = UseColumns.choices(equalities, upTo: maximumColumns).filter { !$0.isEmpty }
        own += ranges.map { [$0] }
        for choice in UseColumns.choices(equalities, upTo: maximumColumns - 1) where !choice.isEmpty {
          own += ranges.map { choice + [$0] }
        }
        let common = columns.equalities.prefix(2).flatMap { lead in own.map { [lead] + $0 } }
        return (own + common).map(keys)
      }
    }
  }
}
