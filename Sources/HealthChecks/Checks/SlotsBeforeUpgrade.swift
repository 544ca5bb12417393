// Replication slots, and what an upgrade does to each.

import Database

struct SlotsBeforeUpgrade: HealthCheck {
  let id = "slots-before-upgrade"
  let about = CheckDescription(
    .upgrade, "Replication slots before an upgrade",
    why: "A consumer whose slot is gone misses what was written meanwhile, or has to begin anew.",
    rule: "A logical slot before PostgreSQL 17, from where on they are carried over: warning; one that is lost or "
      + "invalid, from 17: warning; a physical slot: info. Temporary ones are left out.")

  struct Row: Decodable, Sendable {
    let name: String
    let isLogical: Bool
    let isLost: Bool
    let plugin: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    let lost: SQL = server.majorVersion >= 17 ? " s.invalidation_reason IS NOT NULL" : " s.wal_status = 'lost'"
    return "SELECT s.slot_name::text AS \"name\", s.slot_type = 'logical' AS \"isLogical\", coalesce(" + lost
      + """
      , false) AS "isLost", s.plugin::text AS "plugin"
      FROM pg_replication_slots AS s WHERE NOT s.temporary ORDER BY 2 DESC, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let isKept = surroundings.server.majorVersion >= 17
    return rows.filter { !$0.isLogical || !isKept || $0.isLost }.map { row in
      let drop = Remedy(
        "SELECT pg_drop_replication_slot(\(literal(row.name)));", risk: "its consumer must be set up anew",
        isForPeopleOnly: true)
      guard row.isLogical else {
        return finding(
          .info, .slot, row.name, "physical slot \(row.name) is not carried over",
          notes: ["make it anew on the new server, and bring its standby there too"])
      }
      return finding(
        .warning, .slot, row.name,
        row.isLost
          ? "logical slot \(row.name) is invalid\(isKept ? ", and pg_upgrade stops at it" : "")"
          : "logical slot \(row.name) (\(row.plugin ?? "")) is lost in an upgrade",
        remedies: row.isLost ? [drop] : [],
        notes: row.isLost
          ? []
          : ["let its consumer read all, then drop it, and make it anew afterwards, before anybody writes"])
    }
  }
}
