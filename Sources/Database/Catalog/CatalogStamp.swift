// Whether anything in the catalog that decides what names mean has changed.

/// Counts and sums over the rows that define names: equal stamps mean that what was looked up under the first still
/// holds under the second.
///
/// Every change of the catalog writes rows with a new transaction id (`xmin`) or takes rows away. Sums of OIDs and of
/// transaction ids and the newest of these see both: an update raises the sum of `xmin`, a row that comes or goes
/// changes the number of rows. A transaction id becomes a number by its distance from the first one, which is the same
/// whenever it is measured (bootstrap's rows have none), since its text would take three times as long. Costs one scan of
/// each of these catalogs, a few milliseconds in a database of some thousand tables; columns are counted only for the
/// relations that the stamp is about.
package struct CatalogStamp: Sendable, Hashable, Decodable {
  private let rows: Int64
  private let identities: String
  private let transactions: String
  private let newest: Int64
  private let searchPath: [String]
}

extension Session {
  /// The stamp of the catalog as this session sees it now, for names that lead to these relations. One round trip.
  package func catalogStamp(of relations: [UInt32]) async throws(DatabaseError) -> CatalogStamp {
    let stamps: [CatalogStamp] = try await rows(
      """
      SELECT pg_catalog.count(*) AS "rows",
        COALESCE(pg_catalog.sum(c.id::pg_catalog.int8), 0)::pg_catalog.text AS identities,
        COALESCE(pg_catalog.sum(c.number), 0)::pg_catalog.text AS transactions,
        COALESCE(pg_catalog.max(c.number), 0) AS newest,
        pg_catalog.current_schemas(true) AS "searchPath"
      FROM (
        SELECT r.id, CASE WHEN pg_catalog.age(r.x) OPERATOR(pg_catalog.=) 2147483647 THEN 0::pg_catalog.int8
          ELSE pg_catalog.age('3'::pg_catalog.xid)::pg_catalog.int8 OPERATOR(pg_catalog.-) pg_catalog.age(r.x) END
          AS number
        FROM (
        SELECT oid AS id, xmin AS x FROM pg_catalog.pg_class
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_proc
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_operator
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_type
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_cast
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_rewrite
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_policy
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_trigger
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_event_trigger
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_constraint
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_attrdef
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_namespace
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_extension
        UNION ALL SELECT indexrelid, xmin FROM pg_catalog.pg_index
        UNION ALL SELECT inhrelid, xmin FROM pg_catalog.pg_inherits
        UNION ALL SELECT aggfnoid, xmin FROM pg_catalog.pg_aggregate
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_opclass
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_amproc
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_amop
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_statistic_ext
        UNION ALL SELECT oid, xmin FROM pg_catalog.pg_foreign_server
        UNION ALL SELECT ftrelid, xmin FROM pg_catalog.pg_foreign_table
        UNION ALL SELECT objid, xmin FROM pg_catalog.pg_depend WHERE deptype OPERATOR(pg_catalog.=) 'e'
        UNION ALL SELECT attrelid, xmin FROM pg_catalog.pg_attribute
          WHERE attrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]) AND NOT attisdropped
        ) AS r
      ) AS c
      """, [arrayLiteral(relations.map { String($0) })])
    guard let stamp = stamps.first else {
      throw DatabaseError(code: .protocolViolation, message: "the catalog gave no stamp")
    }
    return stamp
  }
}
