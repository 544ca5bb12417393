// Foreign keys that lead to a table and that no index serves: who deletes there reads the whole of each such table.

/// A foreign key whose columns lead no index.
package struct UnindexedReference: Sendable, Decodable {
  /// The table that is referred to.
  package var target: RelationID
  package var schema: String
  package var table: String
  /// In the order of the key.
  package var columns: [String]

  static let question: SQL = """
    SELECT k.confrelid AS "target", n.nspname AS "schema", c.relname AS "table", c.oid AS "relation",
      ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY AS t(number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = t.number ORDER BY t.place) AS "columns"
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND k.confrelid = ANY ($1::oid[]) AND k.conparentid = 0
      AND (c.relpages >= $2::int OR c.relkind = 'p')
      AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
        AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
    ORDER BY c.relpages DESC, n.nspname, c.relname, k.conname LIMIT 50
    """
}

/// With the table itself, which a scope may leave out.
private struct ReferenceRow: Decodable {
  let reference: UnindexedReference
  let relation: RelationID

  private enum CodingKeys: CodingKey { case relation }

  init(from decoder: any Decoder) throws {
    reference = try UnindexedReference(from: decoder)
    relation = try decoder.container(keyedBy: CodingKeys.self).decode(RelationID.self, forKey: .relation)
  }
}

extension Session {
  /// The largest tables first; those outside of what catalogues may hold are left out.
  /// - Parameter pages: smaller tables are read as fast as any index.
  package func unindexedReferences(
    to tables: [RelationID], fromPages pages: Int
  ) async throws(DatabaseError) -> [UnindexedReference] {
    if tables.isEmpty { return [] }
    let rows = try await ask([
      .statement(
        UnindexedReference.question, [arrayLiteral(tables.sorted().map { String($0) }), String(pages)])
    ])[0].decoded(as: ReferenceRow.self)
    return rows.filter { catalogScope?.contains($0.relation) ?? true }.map(\.reference)
  }
}
