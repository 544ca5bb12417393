// Who keeps VACUUM from removing dead rows: sessions, prepared transactions, slots and standbys.

import Database

struct XminHorizon: HealthCheck {
  let id = "xmin-horizon"
  let about = CheckDescription(
    .vacuum, "What holds back the cleaning of dead rows",
    why: "While it lasts VACUUM removes no row that died since, in any table: everything bloats.",
    rule: "A snapshot older than horizon-warning-transactions: warning; from horizon-critical-transactions: critical.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let kind: String
    let name: String
    let detail: String?
    let age: Int64
  }

  /// A plain VACUUM shows a snapshot and holds back nobody.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT * FROM (
      SELECT 'session' AS "kind", pid::text AS "name", concat_ws(', ', usename, application_name, state) AS "detail",
        greatest(age(backend_xmin), age(backend_xid))::bigint AS "age"
      FROM pg_stat_activity
      WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
        AND backend_type NOT IN ('walsender', 'autovacuum worker')
      UNION ALL
      SELECT 'slot', slot_name::text, concat_ws(', ', slot_type, CASE WHEN active THEN 'active' ELSE 'inactive' END),
        greatest(age(xmin), age(catalog_xmin))::bigint
      FROM pg_replication_slots WHERE coalesce(xmin, catalog_xmin) IS NOT NULL
      UNION ALL
      SELECT 'transaction', gid, owner::text || ' in ' || database::text,
        age(transaction)::bigint FROM pg_prepared_xacts
      UNION ALL
      SELECT 'standby', application_name, coalesce(client_addr::text, 'local'), age(backend_xmin)::bigint
      FROM pg_stat_replication WHERE backend_xmin IS NOT NULL
    ) AS holders WHERE "age" IS NOT NULL ORDER BY "age" DESC, 1, 2 LIMIT 100
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.age) >= limits["horizon-warning-transactions"] }.map { row in
      let kind: FoundObject.Kind
      let remedy: Remedy?
      switch row.kind {
      case "session":
        kind = .session
        remedy = Remedy(
          "SELECT pg_terminate_backend(\(row.name));", risk: "its transaction is rolled back", isForPeopleOnly: true)
      case "slot":
        kind = .slot
        remedy = Remedy(
          "SELECT pg_drop_replication_slot(\(literal(row.name)));", risk: "its consumer must be set up anew",
          isForPeopleOnly: true)
      case "transaction":
        kind = .transaction
        remedy = Remedy(
          "ROLLBACK PREPARED \(literal(row.name));", risk: "its coordinator may still want to commit it",
          isTransactional: false,
          isForPeopleOnly: true)
      default: (kind, remedy) = (.standby, nil)
      }
      let detail = row.detail.map { " (\($0))" } ?? ""
      return finding(
        Double(row.age) >= limits["horizon-critical-transactions"] ? .critical : .warning, kind, row.name,
        "\(row.kind) \(row.name)\(detail) holds a snapshot \(row.age) transactions old",
        [Figure("age", row.age, .transactions)], remedies: remedy.map { [$0] } ?? [],
        notes: row.kind == "standby" ? ["hot_standby_feedback is on there: end its long queries"] : [])
    }
  }
}
