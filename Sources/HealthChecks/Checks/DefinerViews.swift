// Views that go round row level security, since they read with their owner's rights.

import Database

struct DefinerViews: HealthCheck {
  let id = "definer-views"
  let about = CheckDescription(
    .security, "Views that pass by row level security",
    why: "It reads with its owner's rights: whoever may read the view sees all rows of the table behind it.",
    rule:
      "A view without security_invoker on a table with row level security that its owner is not subject to: notice. From "
      + "PostgreSQL 15.", needs: [.version(150_000)])

  struct Row: Decodable, Sendable {
    let view: String
    let table: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT DISTINCT c.oid::regclass::text AS "view", t.oid::regclass::text AS "table"
    FROM pg_class AS t JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
      AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite AS w ON w.oid = d.objid JOIN pg_class AS c ON c.oid = w.ev_class AND c.relkind = 'v'
    JOIN pg_roles AS o ON o.oid = c.relowner
    WHERE t.relrowsecurity AND t.relkind IN ('r', 'p')
      AND (o.rolsuper OR o.rolbypassrls OR c.relowner = t.relowner AND NOT t.relforcerowsecurity)
      AND NOT EXISTS (SELECT FROM unnest(c.reloptions) AS r(option) WHERE split_part(r.option, '=',
        1) = 'security_invoker'
        AND lower(split_part(r.option, '=', 2)) IN ('true', 'on', 'yes', '1', 't', 'y')) AND
    """ + ownRelation + """
      ORDER BY 1, 2 LIMIT 500
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .notice, .view, row.view, "\(row.view) reads \(row.table) past its row level security",
        remedies: [
          Remedy(
            "ALTER VIEW \(row.view) SET (security_invoker = on);", .accessExclusive, .instant,
            risk: "who may read the view then needs SELECT on what it reads")
        ], notes: ["it may be meant as the one way to those rows"])
    }
  }
}
