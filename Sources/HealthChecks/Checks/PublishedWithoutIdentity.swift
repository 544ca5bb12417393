// Published tables whose updates and deletes PostgreSQL refuses.

import Database

struct PublishedWithoutIdentity: HealthCheck {
  let id = "published-without-identity"
  let about = CheckDescription(
    .replication, "Published tables without a replica identity",
    why: "Every UPDATE and DELETE of it fails, in the application.",
    rule:
      "A published table with neither primary key nor other identity, where updates or deletes are published: critical."
  )

  struct Row: Decodable, Sendable {
    let table: String
    let publication: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", min(quote_ident(p.pubname)) AS "publication"
    FROM pg_publication AS p CROSS JOIN LATERAL pg_get_publication_tables(p.pubname) AS t
    JOIN pg_class AS c ON c.oid = t.relid
    WHERE (p.pubupdate OR p.pubdelete) AND c.relkind = 'r' AND (c.relreplident = 'n' OR c.relreplident = 'd'
      AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)) AND
    """ + ownRelation + """
      GROUP BY c.oid ORDER BY 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .critical, .table, row.table, "\(row.table) is published by \(row.publication) and has no replica identity",
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) REPLICA IDENTITY FULL;", .accessExclusive,
            risk: "whole rows go into the WAL; a primary key is better")
        ])
    }
  }
}
