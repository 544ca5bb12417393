// Triggers that somebody has switched off.

import Database

struct DisabledTriggers: HealthCheck {
  let id = "disabled-triggers"
  let about = CheckDescription(
    .constraints, "Triggers switched off", why: "What it should do for every change, nobody does.",
    rule: "A trigger of a user's own or an event trigger that is disabled: info, as it may be meant. Those of foreign "
      + "keys: see unenforced-foreign-keys.")

  struct Row: Decodable, Sendable {
    /// nil of an event trigger.
    let table: String?
    let name: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", quote_ident(t.tgname) AS "name"
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled = 'D' AND
    """ + ownRelation + """
      UNION ALL SELECT NULL, quote_ident(e.evtname) FROM pg_event_trigger AS e WHERE e.evtenabled = 'D'
      ORDER BY 1, 2 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      guard let table = row.table else {
        return finding(
          .info, .database, row.name, "event trigger \(row.name) is disabled",
          remedies: [Remedy("ALTER EVENT TRIGGER \(row.name) ENABLE;")])
      }
      return finding(
        .info, .table, "\(table).\(row.name)", "trigger \(row.name) of \(table) is disabled",
        remedies: [
          Remedy(
            "ALTER TABLE \(table) ENABLE TRIGGER \(row.name);", .shareRowExclusive,
            risk: "changes that were made meanwhile have gone past it")
        ])
    }
  }
}
