// Subscriptions, and how much of each an upgrade keeps.

import Database

struct SubscriptionsBeforeUpgrade: HealthCheck {
  let id = "subscriptions-before-upgrade"
  let about = CheckDescription(
    .upgrade, "Subscriptions before an upgrade",
    why: "A subscription that does not know how far it came copies its rows twice, or misses some.",
    rule: "Before PostgreSQL 17, from where on their state is carried over: any subscription: info; from 17: a table "
      + "that is still being copied: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let copying: [String]
  }

  /// 17 and later take over tables that have not begun (i) and those that are ready (r).
  func question(for server: ServerInfo) -> SQL? {
    let copied: SQL = server.majorVersion >= 17 ? " NOT IN ('i', 'r')" : " IS NULL"
    return """
      SELECT quote_ident(s.subname) AS "name",
        coalesce((SELECT array_agg(r.srrelid::regclass::text ORDER BY r.srrelid::regclass::text)
          FROM pg_subscription_rel AS r WHERE r.srsubid = s.oid AND r.srsubstate
      """ + copied + """
        ), '{}') AS "copying"
        FROM pg_subscription AS s
        WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        ORDER BY 1 LIMIT 1000
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    if surroundings.server.majorVersion < 17 {
      return rows.map { row in
        finding(
          .info, .subscription, row.name, "subscription \(row.name) forgets in an upgrade how far it came",
          notes: [
            "disable it before, and afterwards ALTER SUBSCRIPTION \(row.name) REFRESH PUBLICATION WITH (copy_data = false)"
          ])
      }
    }
    return rows.filter { !$0.copying.isEmpty }.map { row in
      let list = row.copying.prefix(5).joined(separator: ", ")
      return finding(
        .warning, .subscription, row.name,
        "subscription \(row.name) is copying \(row.copying.count) tables, and pg_upgrade stops at that: \(list)",
        [Figure("copying", Int64(row.copying.count))], notes: ["wait until they are ready, or drop it"])
    }
  }
}
