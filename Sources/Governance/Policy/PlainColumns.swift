// Whether comparing columns with each other and with literals can fail.

import Database

/// Columns that compare without failing, whatever values they have: of PostgreSQL's own types whose comparison is total,
/// and that no implicit cast leads from one into another that cannot hold all of its values.
enum PlainColumns {
  static func hold(in relations: [RelationEntry?]) -> Bool {
    var types: Set<UInt32> = []
    for relation in relations {
      guard let relation else { return false }
      types.formUnion(relation.columns.map(\.type))
    }
    guard types.isSubset(of: comparable) else { return false }
    // numeric is cast to double precision where both meet, and out of range for the larger ones.
    return types.isDisjoint(with: numerics) || types.isDisjoint(with: floats)
  }

  private static let numerics: Set<UInt32> = [1700, 1231]
  private static let floats: Set<UInt32> = [700, 701, 1021, 1022]

  /// boolean, bytea, name, integers, text, json (which nothing compares), floats, addresses, character types, times, bit
  /// strings, numeric, uuid, jsonb, tsvector, and arrays of some. Not oid, to which bigint is cast, and out of range.
  private static let comparable: Set<UInt32> = [
    16, 17, 19, 20, 21, 23, 25, 114, 142, 700, 701, 790, 650, 829, 774, 869, 1042, 1043, 1082, 1083, 1114, 1184, 1186,
    1266, 1560, 1562, 1700, 2950, 3614, 3802, 3904, 3906, 3908, 3910, 3912, 3926, 1000, 1005, 1007, 1009, 1014, 1015,
    1016, 1021, 1022, 1115, 1182, 1185, 1231, 2951,
  ]
}
