// What EXPLAIN does not show of a DELETE: for each row the tables are searched that refer to it by a foreign key.

import Database

/// Words for statements that delete from tables to which foreign keys without an index lead.
struct DeletedReferences {
  /// Keys said of one statement.
  private static let bound = 3

  let references: [UnindexedReference]

  static func read(
    on session: Session, for outcomes: [QueryOutcome], _ limits: Limits
  ) async throws(TuningError) -> DeletedReferences {
    let targets = Set(outcomes.compactMap(\.query.deleteTarget)).sorted()
    do throws(DatabaseError) {
      return DeletedReferences(
        references: try await session.unindexedReferences(to: targets, fromPages: Int(limits.smallestTablePages)))
    } catch {
      throw TuningError(error)
    }
  }

  /// - Parameter recommended: an index that begins with the key's columns does for it.
  func reasons(for outcome: QueryOutcome, beside recommended: [IndexDefinition]) -> [String] {
    guard let target = outcome.query.deleteTarget else { return [] }
    let open = references.filter { reference in
      reference.target == target
        && !recommended.contains { index in
          index.schema == reference.schema && index.tableName == reference.table && index.predicate == nil
            && Set(index.keys.prefix(reference.columns.count).map(\.column)) == Set(reference.columns)
        }
    }
    return open.prefix(Self.bound).map { reference in
      let table = "\(quotedIdentifier(reference.schema)).\(quotedIdentifier(reference.table))"
      let columns = reference.columns.map(quotedIdentifier).joined(separator: ", ")
      return
        "for each row deleted, rows of \(table) are looked for that refer to it by a foreign key, which EXPLAIN does "
        + "not show, and no index leads there: CREATE INDEX CONCURRENTLY ON \(table) (\(columns))"
    }
  }
}
