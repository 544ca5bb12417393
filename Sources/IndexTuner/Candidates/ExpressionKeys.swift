// Expressions where a column could stand.

import Database

/// `lower(email) = …`, `date_trunc('day', at) = …`, `(data ->> 'k')::integer > …`. Whether a function is immutable is
/// the server's to say: what HypoPG refuses is listed with its reason.
struct ExpressionKeys: CandidateGenerator {
  let maximumColumns: Int
  let id = "expression-keys"
  let summary = "Expressions that are compared: alone, with equality columns, and before a range or an order"

  /// Expressions of one table instance.
  private static let bound = 6

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      let expressions = columns.use.expressions.prefix(Self.bound)
      var found: [[IndexDefinition.Key]] = []
      for expression in expressions {
        var key = expression.key
        if expression.role == .prefix { key.operatorClass = "text_pattern_ops" }
        found.append([key])
        found += (columns.equalities + columns.joins).prefix(2).map { keys([$0]) + [key] }
        guard expression.role == .equality else { continue }
        // Not before an equality column: of the expression nothing is known, of the column its statistics.
        found += columns.ranges.prefix(1).map { [key] + keys([$0]) }
        found += columns.orderings.prefix(1).map { [key] + $0.keys }
        for other in expressions where other.key != expression.key && other.role != .prefix {
          found.append([key, other.key])
        }
      }
      return found
    }
  }
}
