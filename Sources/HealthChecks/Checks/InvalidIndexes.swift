// Indexes that a failed CONCURRENTLY has left behind: written to, or not even that, and never read.

import Database

struct InvalidIndexes: HealthCheck {
  let id = "invalid-indexes"
  let about = CheckDescription(
    .indexes, "Invalid indexes",
    why: "The planner cannot use it, and it may cost every write, or refuse rows as if it were unique.",
    rule: "Any index that is not valid and is not being built: warning; critical where it belongs to a constraint.",
    surveys: .invalidIndexes)

  struct Row: Decodable, Sendable {
    let number: Int64
    let name: String
    let table: String
    let bytes: Int64
    let isReady: Bool
    let isLeftover: Bool
  }

  /// A partitioned parent that lacks children is the business of another check.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT i.indexrelid::bigint AS "number", i.indexrelid::regclass::text AS "name", i.indrelid::regclass::text AS "table",
      c.relpages::bigint * current_setting('block_size')::bigint AS "bytes", i.indisready AS "isReady",
      c.relname ~ '_cc(new|old)[0-9]*$' AS "isLeftover"
    FROM (SELECT x.* FROM pg_index AS x WHERE NOT x.indisvalid OFFSET 0) AS i
    CROSS JOIN LATERAL (SELECT x.* FROM pg_class AS x WHERE x.oid = i.indexrelid OFFSET 0) AS c
    WHERE c.relkind = 'i' AND c.oid >= 16384 AND c.relpersistence <> 't'
    ORDER BY 2
    """
  }

  /// Whether it belongs to a constraint; no row for an extension's, and for one that is being built: whoever may not see
  /// other sessions' progress sees their lock. Apart, as a server would set all of it up each time, also for no index.
  private static let building: SQL = """
    SELECT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    FROM pg_index AS i WHERE i.indexrelid = $1::oid
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
      AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid)
      AND NOT EXISTS (SELECT FROM pg_locks AS l WHERE l.relation = i.indexrelid AND l.granted
        AND l.mode IN ('ShareUpdateExclusiveLock', 'RowExclusiveLock') AND l.pid <> pg_backend_pid()
        AND EXISTS (SELECT FROM pg_locks AS m WHERE m.pid = l.pid AND m.relation = i.indrelid
          AND m.mode = 'ShareUpdateExclusiveLock'))
    """

  func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool { surroundings.survey.invalidIndexes == 0 }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] { [] }

  func examinations(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] {
    rows.map { row in
      Examination(
        sql: Self.building, values: ["\(row.number)"], schema: "pg_catalog", object: FoundObject(.index, row.name)
      ) { cells in finding(of: row, hasConstraint: cells.first == "t") }
    }
  }

  private func finding(of row: Row, hasConstraint: Bool) -> Finding {
    let drop = Remedy(
      "DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, .instant,
      risk: "waits for older transactions", isTransactional: false)
    let rebuild = Remedy(
      "REINDEX INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, .build,
      risk: "fails again where the rows still contradict the index", isTransactional: false)
    let state = row.isReady ? "every write still maintains it" : "nothing maintains it"
    return finding(
      hasConstraint ? .critical : .warning, .index, row.name,
      "\(row.name) on \(row.table) is not valid; \(state)", [Figure("bytes", row.bytes, .bytes)],
      remedies: hasConstraint ? [rebuild] : [drop],
      notes: [
        row.isLeftover
          ? "left by REINDEX CONCURRENTLY: the original index is intact"
          : "or, where it is wanted and the rows allow it: \(rebuild.sql)"
      ])
  }
}
