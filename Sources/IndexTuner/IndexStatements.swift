// The statements that build a recommended index, and the name it gets.

package import Database

extension IndexDefinition {
  /// `table_columns_idx`, at most 63 bytes, not in `taken`; PostgreSQL's own pattern.
  package func name(avoiding taken: Set<String>) -> String {
    let stem = Self.cut(([tableName] + keys.map(Self.word)).joined(separator: "_"), to: 55)
    var name = "\(stem)_idx"
    var number = 1
    while taken.contains(name) {
      name = "\(stem)_idx\(number)"
      number += 1
    }
    return name
  }

  /// One statement, or for a partitioned table the sequence that locks nobody out: the parent's index without its
  /// partitions, each partition's concurrently, then attached
  /// (https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE).
  package func statements(named name: String, in catalog: Catalog) -> [String] {
    guard let relation = catalog[table], relation.kind == .partitionedTable else {
      return ["CREATE INDEX CONCURRENTLY \(quotedIdentifier(name)) ON \(qualifiedTable) \(body);"]
    }
    let leaves = relation.leaves.compactMap { catalog[$0] }
    let isFlat = !leaves.isEmpty && leaves.allSatisfy { $0.parent == relation.id && $0.kind == .table }
    guard isFlat else {
      return ["CREATE INDEX \(quotedIdentifier(name)) ON \(qualifiedTable) \(body);"]
    }
    var statements = ["CREATE INDEX \(quotedIdentifier(name)) ON ONLY \(qualifiedTable) \(body);"]
    var taken = Set(leaves.flatMap { $0.indexes.map(\.name) })
    for leaf in leaves.sorted(by: { ($0.schema, $0.name) < ($1.schema, $1.name) }) {
      let own = IndexDefinition(on: leaf, method: method, keys: keys, included: included, predicate: predicate)
      let ownName = own.name(avoiding: taken)
      taken.insert(ownName)
      let qualified = "\(quotedIdentifier(leaf.schema)).\(quotedIdentifier(ownName))"
      statements.append("CREATE INDEX CONCURRENTLY \(quotedIdentifier(ownName)) ON \(own.qualifiedTable) \(body);")
      statements.append(
        "ALTER INDEX \(quotedIdentifier(schema)).\(quotedIdentifier(name)) ATTACH PARTITION \(qualified);")
    }
    return statements
  }

  /// `lower_email` for `lower(email)`: letters, digits and what is between them as one underscore.
  private static func word(_ key: Key) -> String {
    guard let expression = key.expression else { return key.column }
    return expression.lowercased().split { !($0.isLetter || $0.isNumber) }.joined(separator: "_")
  }

  /// Cuts between characters.
  private static func cut(_ text: String, to bytes: Int) -> String {
    var cut = ""
    for character in text {
      guard cut.utf8.count + character.utf8.count <= bytes else { break }
      cut.append(character)
    }
    return cut
  }
}
