// Functions of a superuser that run with its rights, for everybody.

import Database

struct PublicDefinerFunctions: HealthCheck {
  let id = "public-definer-functions"
  let about = CheckDescription(
    .security, "A superuser's functions for everybody",
    why: "Any login runs this code as superuser: one fault in it is a way to everything.",
    rule: "A SECURITY DEFINER function of a superuser, which returns no trigger, that PUBLIC may execute: notice.")

  struct Row: Decodable, Sendable {
    let function: String
    let owner: String
    let kind: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT p.oid::regprocedure::text AS "function", quote_ident(r.rolname) AS "owner",
      CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS "kind"
    FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
    WHERE p.prosecdef AND r.rolsuper AND p.oid >= 16384
      AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
        AND d.deptype = 'e')
      AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
    ORDER BY 1 LIMIT 1000
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .notice, .function, row.function, "everybody may run \(row.function) with the rights of \(row.owner)",
        remedies: [
          Remedy(
            "REVOKE EXECUTE ON \(row.kind) \(row.function) FROM PUBLIC;",
            risk: "grant it to the roles that need it first")
        ])
    }
  }
}
