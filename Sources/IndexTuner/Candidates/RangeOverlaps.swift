// Conditions on ranges, shapes and networks.

import Database

/// https://www.postgresql.org/docs/current/gist-builtin-opclasses.html
struct RangeOverlaps: CandidateGenerator {
  let id = "range-overlaps"
  let summary = "A GiST index for &&, @>, <@, << and the like on ranges, geometric types and networks"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    lookups(for: shape, in: catalog, of: [.range, .geometry, .network]) { key, lookups in
      var key = key
      // The default class of inet is btree's; GiST has one that must be named.
      if lookups.contains(where: { $0.kind == .network }) { key.operatorClass = "inet_ops" }
      return (.gist, key)
    }
  }
}
