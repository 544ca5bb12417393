// Foreign keys that say they hold while their triggers are switched off.

import Database

struct UnenforcedForeignKeys: HealthCheck {
  let id = "unenforced-foreign-keys"
  let about = CheckDescription(
    .constraints, "Foreign keys that are not enforced", why: "It calls itself valid, and orphaned rows get in.",
    rule: "Any trigger of a foreign key that is disabled: critical.")

  struct Row: Decodable, Sendable {
    let table: String
    let constraint: String
    let on: String
  }

  func question(for server: ServerInfo) -> SQL? {
    let enforced: SQL = server.majorVersion >= 18 ? " AND k.conenforced AND\n" : " AND\n"
    return """
      SELECT k.conrelid::regclass::text AS "table", quote_ident(k.conname) AS "constraint",
        t.tgrelid::regclass::text AS "on"
      FROM pg_constraint AS k JOIN pg_trigger AS t ON t.tgconstraint = k.oid JOIN pg_class AS c ON c.oid = k.conrelid
      WHERE k.contype = 'f' AND t.tgisinternal AND t.tgenabled = 'D'
      """ + enforced + ownRelation + """
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    var places: [String: Int] = [:]
    var found: [Finding] = []
    for row in rows {
      let name = "\(row.table).\(row.constraint)"
      let remedy = Remedy(
        "ALTER TABLE \(row.on) ENABLE TRIGGER ALL;", .shareRowExclusive,
        risk: "switches on the table's other disabled triggers too; superusers only")
      if let place = places[name] {
        found[place].remedies.append(remedy)
        continue
      }
      places[name] = found.count
      found.append(
        finding(
          .critical, .constraint, name, "the triggers of foreign key \(name) are disabled", remedies: [remedy],
          notes: ["afterwards look for orphans with an anti-join: enabling checks nothing that is there already"]))
    }
    return found
  }
}
