// Temporary tables that have grown old: autovacuum cannot freeze them.

import Database

struct OldTemporaryTables: HealthCheck {
  let id = "old-temporary-tables"
  let about = CheckDescription(
    .vacuum, "Old temporary tables",
    why: "Only its own session can vacuum it, and until then no transaction ID since it was made can be used again.",
    rule: "Older than temporary-transactions: warning.", needs: [.primary])

  struct Row: Decodable, Sendable {
    let table: String
    let pid: Int64?
    let age: Int64
  }

  /// Schema pg_temp_N belongs to backend N.
  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", pg_stat_get_backend_pid(substring(n.nspname FROM '[0-9]+$')::int) AS "pid",
      age(c.relfrozenxid)::bigint AS "age"
    FROM tables AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relpersistence = 't' AND c.relkind = 'r' AND c.relfrozenxid <> '0'::xid
      AND n.nspname ~ '^pg_temp_[0-9]+$' ORDER BY age(c.relfrozenxid) DESC, 1 LIMIT 50
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.age) >= limits["temporary-transactions"] }.map { row in
      finding(
        .warning, .table, row.table,
        "temporary table \(row.table) of \(row.pid.map { "session \($0)" } ?? "a session that is gone") is \(row.age) "
          + "transactions old",
        [Figure("age", row.age, .transactions)],
        remedies: row.pid.map { pid in
          [
            Remedy(
              "SELECT pg_terminate_backend(\(pid));", risk: "its session ends, with all that it has",
              isForPeopleOnly: true)
          ]
        } ?? [Remedy("DROP TABLE \(row.table);", .accessExclusive)],
        notes: ["a session that is still wanted can VACUUM FREEZE it itself"])
    }
  }
}
