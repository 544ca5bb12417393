// Collations whose rules have changed under the indexes that were built with them.

import Database

struct CollationMismatch: HealthCheck {
  let id = "collation-mismatch"
  let about = CheckDescription(
    .server, "Collations that have changed",
    why: "Indexes on text are in the old order: look-ups miss rows, and unique ones let twins in.",
    rule: "The recorded version differs from the operating system's: critical where an index uses it, else notice.",
    needs: [])

  struct Row: Decodable, Sendable {
    let name: String
    let recorded: String
    let actual: String
    let isDefault: Bool
    let indexes: [String]
    let count: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    let databases: SQL =
      server.majorVersion >= 15
      ? """
      UNION ALL
      SELECT 100::oid, quote_ident(d.datname), d.datcollversion, pg_database_collation_actual_version(d.oid), true
      FROM pg_database AS d WHERE d.datname = current_database()
      """ : ""
    return """
      WITH changed AS MATERIALIZED (
        SELECT k.oid, k.oid::regcollation::text AS name, k.collversion AS recorded,
          pg_collation_actual_version(k.oid) AS actual, false AS isdefault
        FROM pg_collation AS k WHERE k.collversion IS NOT NULL
          AND (k.oid >= 16384 OR k.oid IN (SELECT d.refobjid FROM pg_depend AS d
            WHERE d.refclassid = 'pg_collation'::regclass AND d.objid >= 16384))

      """ + databases + """

        )
        SELECT x.name AS "name", x.recorded AS "recorded", x.actual AS "actual", x.isdefault AS "isDefault",
          coalesce(ARRAY(SELECT i::regclass::text FROM unnest(u.indexes[1:50]) AS i ORDER BY 1), '{}') AS "indexes",
          coalesce(cardinality(u.indexes), 0)::bigint AS "count"
        FROM changed AS x CROSS JOIN LATERAL (SELECT array_agg(i.indexrelid ORDER BY i.indexrelid) AS indexes
          FROM pg_index AS i WHERE x.oid = ANY (i.indcollation::oid[]) AND i.indexrelid >= 16384) AS u
        WHERE x.recorded <> x.actual ORDER BY 6 DESC, 1 LIMIT 100
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let rebuild = row.indexes.map {
        Remedy("REINDEX INDEX CONCURRENTLY \($0);", .shareUpdateExclusive, .build, isTransactional: false)
      }
      let refresh =
        row.isDefault
        ? "ALTER DATABASE \(row.name) REFRESH COLLATION VERSION;" : "ALTER COLLATION \(row.name) REFRESH VERSION;"
      return finding(
        row.count > 0 ? .critical : .notice, row.isDefault ? .database : .collation, row.name,
        "collation \(row.isDefault ? "of database " : "")\(row.name) was \(row.recorded) and is now \(row.actual); "
          + "\(row.count) indexes use it",
        [Figure("recorded", row.recorded), Figure("actual", row.actual), Figure("indexes", row.count)],
        remedies: rebuild + [Remedy(refresh, risk: "only after every index was rebuilt: it hides the rest")])
    }
  }
}
