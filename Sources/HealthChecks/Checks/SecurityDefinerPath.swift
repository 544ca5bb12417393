// Functions that run with their owner's rights, but find names by the caller's search path.

import Database

struct SecurityDefinerPath: HealthCheck {
  let id = "security-definer-path"
  let about = CheckDescription(
    .security, "SECURITY DEFINER functions without a search_path",
    why: "A caller decides which objects its names mean, and so what runs with the owner's rights.",
    rule: "A SECURITY DEFINER function with no search_path of its own: warning.")

  struct Row: Decodable, Sendable {
    let signature: String
    let isProcedure: Bool
    let owner: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT p.oid::regprocedure::text AS "signature", p.prokind = 'p' AS "isProcedure", quote_ident(r.rolname) AS "owner"
    FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.prosecdef AND p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND NOT EXISTS (
        SELECT FROM unnest(p.proconfig) AS c(setting) WHERE c.setting LIKE 'search\\_path=%')
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
        AND d.deptype = 'e')
    ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let noun = row.isProcedure ? "PROCEDURE" : "FUNCTION"
      let schema = row.signature.split(separator: ".").count > 1 ? row.signature.prefix { $0 != "." } : "public"
      return finding(
        .warning, .function, row.signature, "\(row.signature) runs as \(row.owner) with the caller's search_path",
        remedies: [
          Remedy(
            "ALTER \(noun) \(row.signature) SET search_path = \(schema), pg_temp;",
            risk: "name every schema that its body relies on")
        ])
    }
  }
}
