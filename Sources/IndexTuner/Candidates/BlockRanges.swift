// Ranges on columns that follow the order of the rows in a huge table.

import Database

/// A BRIN index is a thousandth of a btree, and as good where each block holds values of its own time
/// (https://www.postgresql.org/docs/current/brin.html).
struct BlockRanges: CandidateGenerator {
  let id = "block-ranges"
  let summary = "A BRIN index for a range on a column that follows the row order of a large table (correlation > 0.95)"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    let limits = Limits()
    return shape.uses.flatMap { use -> [IndexDefinition] in
      guard let columns = UseColumns(use, in: catalog), columns.relation.heapBytes >= limits.smallestBRINBytes else {
        return []
      }
      return columns.ranges.compactMap { name in
        guard abs(columns.relation.column(name)?.correlation ?? 0) > 0.95 else { return nil }
        return IndexDefinition(on: columns.relation, method: .brin, keys: keys([name]))
      }
    }
  }
}
