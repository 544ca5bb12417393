// Tables with row security policies that nobody has switched on.

import Database

struct PolicyWithoutRowSecurity: HealthCheck {
  let id = "policy-without-row-security"
  let about = CheckDescription(
    .security, "Policies that do nothing", why: "Somebody meant to hide rows, and everybody sees them.",
    rule: "A table has policies and row level security is off: critical.")

  struct Row: Decodable, Sendable {
    let table: String
    let policies: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", count(*) AS "policies" FROM pg_policy AS p
    JOIN pg_class AS c ON c.oid = p.polrelid WHERE NOT c.relrowsecurity AND
    """ + ownRelation + """
      GROUP BY c.oid ORDER BY 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .critical, .table, row.table, "\(row.table) has \(row.policies) policies, and row level security is off",
        [Figure("policies", row.policies)],
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) ENABLE ROW LEVEL SECURITY;", .accessExclusive,
            risk: "roles without a policy then see nothing")
        ])
    }
  }
}
