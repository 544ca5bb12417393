// B-trees whose order is broken, found by amcheck. Reads every page of them, so it runs only when it is named.

import Database

struct DamagedIndexes: HealthCheck {
  let id = "damaged-indexes"
  let isOptIn = true
  let about = CheckDescription(
    .server, "Damaged indexes", why: "Look-ups miss rows that are there, and unique indexes let twins in.",
    rule: "A B-tree in which amcheck's bt_index_check() finds an entry out of order, or a page that cannot be read: "
      + "critical. Only when it is named (--only damaged-indexes): it reads each index once under ACCESS SHARE, the "
      + "largest thousand, within examination-s, and its snapshot holds back VACUUM meanwhile.")

  struct Row: Decodable, Sendable {
    let number: Int64?
    let name: String?
    let table: String?
    let schema: String?
    let isAllowed: Bool?
    let isUnique: Bool?
    let isExclusion: Bool?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT b.oid::bigint AS "number", b.oid::regclass::text AS "name", b.indrelid::regclass::text AS "table",
      e.nspname::text AS "schema", has_function_privilege(e.oid, 'EXECUTE') AS "isAllowed", b.indisunique AS "isUnique",
      b.indisexclusion AS "isExclusion"
    FROM (SELECT) AS always LEFT JOIN (
      SELECT n.nspname, p.oid FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace
      JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'bt_index_check' AND p.pronargs = 1
      WHERE x.extname = 'amcheck' LIMIT 1) AS e ON true
    LEFT JOIN (
      SELECT c.oid, i.indrelid, i.indisunique, i.indisexclusion, c.relpages
      FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
      WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND i.indisready
        AND (c.relpersistence = 'p' OR NOT pg_is_in_recovery()) AND
    """ + ownRelation + """
        ORDER BY c.relpages DESC, c.oid LIMIT 1000) AS b ON e.oid IS NOT NULL
      ORDER BY b.relpages DESC, 2
      """
  }

  private static let looking: SQL = """
    SELECT bt_index_check($1::oid::regclass)::text
    """

  func examinations(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] {
    rows.compactMap { row in
      guard let number = row.number, let name = row.name, let table = row.table, let schema = row.schema,
        row.isAllowed == true
      else { return nil }
      let concurrently = row.isExclusion == true ? "" : "CONCURRENTLY "
      return Examination(
        sql: Self.looking, values: ["\(number)"], schema: schema, object: FoundObject(.index, name),
        onDamage: finding(
          .critical, .index, name, "\(name) on \(table) is damaged", [Figure("table", table)],
          remedies: [
            Remedy(
              "REINDEX INDEX \(concurrently)\(name);",
              row.isExclusion == true ? .accessExclusive : .shareUpdateExclusive, .build,
              risk: row.isUnique == true ? "fails where twins got in: remove these first" : nil,
              isTransactional: false)
          ],
          notes: [
            "first look for the reason: disk, memory, or a changed collation (collation-mismatch); other indexes may "
              + "have it too"
          ])
      ) { _ in nil }
    }
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] { [] }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    guard let first = rows.first else { return [] }
    guard let allowed = first.isAllowed else {
      return ["amcheck is not installed in this database: CREATE EXTENSION amcheck;"]
    }
    if allowed { return rows.count < 1_000 ? [] : ["indexes smaller than the largest thousand"] }
    let role = quotedIdentifier(surroundings.server.user)
    return [
      "role \(surroundings.server.user) may not run it: GRANT EXECUTE ON FUNCTION bt_index_check(regclass) TO \(role);"
    ]
  }
}
