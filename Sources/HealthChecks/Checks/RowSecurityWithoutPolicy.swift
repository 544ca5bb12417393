// Tables that hide every row, since they have no policy.

import Database

struct RowSecurityWithoutPolicy: HealthCheck {
  let id = "row-security-without-policy"
  let about = CheckDescription(
    .security, "Row level security without a policy",
    why: "Everybody but the owner sees an empty table.",
    rule: "Row level security is on and no policy exists: info, as it may be meant.")

  struct Row: Decodable, Sendable {
    let table: String
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table" FROM tables AS c
    WHERE c.relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid) AND
    """ + ownRelation + """
      ORDER BY 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .info, .table, row.table, "row level security of \(row.table) is on, and it has no policy",
        notes: ["add a policy with CREATE POLICY, or switch it off"])
    }
  }
}
