// Policies of row level security that let everybody do everything.

import Database

struct OpenPolicies: HealthCheck {
  let id = "open-policies"
  let about = CheckDescription(
    .security, "Policies that let everything pass",
    why: "Row level security is on, and yet everybody may change every row.",
    rule: "A permissive policy for writing whose condition is true, for a role that is no superuser: warning. Reading "
      + "alone is often meant to be open.")

  struct Row: Decodable, Sendable {
    let policy: String
    let table: String
    let command: String
    let roles: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(p.polname) AS "policy", p.polrelid::regclass::text AS "table",
      CASE p.polcmd WHEN '*' THEN 'everything' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END AS "command",
      CASE WHEN 0 = ANY (p.polroles) THEN 'PUBLIC'
        ELSE (SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_roles AS r
          WHERE r.oid = ANY (p.polroles))
      END AS "roles"
    FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
    WHERE c.relrowsecurity AND p.polpermissive AND p.polcmd <> 'r'
      AND coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') = 'true'
      AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true' AND
    """ + ownRelation + """
      ORDER BY 2, 1 LIMIT 500
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .table, "\(row.table).\(row.policy)",
        "policy \(row.policy) lets \(row.roles) do \(row.command) with every row of \(row.table)",
        remedies: [
          Remedy(
            "DROP POLICY \(row.policy) ON \(row.table);", .accessExclusive, .instant,
            risk: "who relies on it may no longer write: put a narrower one in its place first")
        ])
    }
  }
}
