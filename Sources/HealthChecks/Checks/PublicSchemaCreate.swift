// Schemas in which everybody may create objects.

import Database

struct PublicSchemaCreate: HealthCheck {
  let id = "public-schema-create"
  let about = CheckDescription(
    .security, "Schemas where everybody may create objects",
    why: "Any login can put a function or table in the way of somebody else's statement.",
    rule: "CREATE for PUBLIC on any schema: warning. It was the default of schema public before PostgreSQL 15.")

  struct Row: Decodable, Sendable {
    let name: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(n.nspname) AS "name" FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND EXISTS (
      SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
      WHERE a.grantee = 0 AND a.privilege_type = 'CREATE')
    ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        surroundings.server.majorVersion >= 15 ? .warning : .notice, .schema, row.name,
        "everybody may create objects in schema \(row.name)",
        remedies: [
          Remedy(
            "REVOKE CREATE ON SCHEMA \(row.name) FROM PUBLIC;",
            risk: "roles that create there need a grant of their own")
        ])
    }
  }
}
