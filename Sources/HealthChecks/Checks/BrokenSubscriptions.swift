// Subscriptions that receive nothing.

import Database

struct BrokenSubscriptions: HealthCheck {
  let id = "broken-subscriptions"
  let about = CheckDescription(
    .replication, "Subscriptions at a standstill",
    why: "Its tables no longer follow, and its slot keeps WAL on the publisher until the disk there is full.",
    rule: "Disabled: warning; enabled, and no worker runs: critical. Tables whose copy has not ended are named.",
    needs: [.monitoring, .primary])

  struct Row: Decodable, Sendable {
    let name: String
    let isEnabled: Bool
    let workers: Int64
  }

  /// Before 14 only a superuser sees a subscription's number: its name, of this database or another, has to do.
  func question(for server: ServerInfo) -> SQL? {
    let same: SQL = server.majorVersion >= 14 ? " w.subid = s.oid" : " w.subname = s.subname"
    return """
      SELECT quote_ident(s.subname) AS "name", s.subenabled AS "isEnabled",
        (SELECT count(*) FROM pg_stat_subscription AS w WHERE
      """ + same + """
         AND w.pid IS NOT NULL) AS "workers" FROM pg_subscription AS s
        WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) ORDER BY 1
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { !$0.isEnabled || $0.workers == 0 }.map { row in
      finding(
        row.isEnabled ? .critical : .warning, .subscription, row.name,
        row.isEnabled ? "\(row.name) is enabled, and no worker runs for it" : "\(row.name) is disabled",
        remedies: row.isEnabled ? [] : [Remedy("ALTER SUBSCRIPTION \(row.name) ENABLE;")],
        notes: row.isEnabled
          ? ["the server's log says why its worker ends"]
          : ["since 15 an error disables it where disable_on_error is set: the log says which"])
    }
  }
}
