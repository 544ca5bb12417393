// Materialized views that cannot be read.

import Database

struct UnpopulatedViews: HealthCheck {
  let id = "unpopulated-views"
  let about = CheckDescription(
    .schema, "Materialized views without data",
    why: "Every query of it fails.",
    rule: "Created WITH NO DATA and never refreshed: notice.")

  struct Row: Decodable, Sendable {
    let name: String
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "name" FROM tables AS c WHERE c.relkind = 'm' AND NOT c.relispopulated AND
    """ + ownRelation + """
      ORDER BY 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .notice, .view, row.name, "\(row.name) was never filled",
        remedies: [Remedy("REFRESH MATERIALIZED VIEW \(row.name);", .accessExclusive, .rewrite)])
    }
  }
}
