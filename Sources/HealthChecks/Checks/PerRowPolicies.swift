// Policies of row level security that ask the same question for every row.

import Database

struct PerRowPolicies: HealthCheck {
  let id = "per-row-policies"
  let about = CheckDescription(
    .security, "Policies that ask for each row anew",
    why: "A function that gives the same answer for all rows is called for each of them.",
    rule: "A policy calls current_setting() or a function of schema auth outside of a sub-select: notice.")

  struct Row: Decodable, Sendable {
    let policy: String
    let table: String
    let text: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(p.polname) AS "policy", p.polrelid::regclass::text AS "table", t.text AS "text"
    FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
    CROSS JOIN LATERAL (SELECT concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck,
      p.polrelid))
      AS text OFFSET 0) AS t
    WHERE c.relrowsecurity AND t.text ~ '(current_setting|auth\\.[a-z_]+)\\(' AND
    """ + ownRelation + """
      ORDER BY 2, 1 LIMIT 500
      """
  }

  /// Without what stands in sub-selects, a call is one for each row.
  private static func callsForEachRow(_ text: String) -> Bool {
    var outside = ""
    var depths: [Bool] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      if character == "(" { depths.append(rest.drop { $0 == " " }.hasPrefix("SELECT ")) }
      if !depths.contains(true) { outside.append(character) }
      if character == ")" { _ = depths.popLast() }
    }
    return outside.contains("current_setting(") || outside.contains("auth.")
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Self.callsForEachRow($0.text) }.map { row in
      finding(
        .notice, .table, "\(row.table).\(row.policy)",
        "policy \(row.policy) of \(row.table) calls a function for each row",
        notes: ["in a sub-select it is called once: (SELECT current_setting('…')) instead of current_setting('…')"])
    }
  }
}
