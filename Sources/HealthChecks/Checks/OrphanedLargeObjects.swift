// Large objects that no column can refer to.

import Database

struct OrphanedLargeObjects: HealthCheck {
  let id = "orphaned-large-objects"
  let about = CheckDescription(
    .schema, "Orphaned large objects",
    why: "They take disk and are dumped, and nothing can reach them.",
    rule: "Large objects exist and no table has a column of type oid or lo: info.")

  struct Row: Decodable, Sendable {
    let objects: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT m.objects AS "objects" FROM (SELECT count(*) AS objects FROM pg_largeobject_metadata OFFSET 0) AS m
    WHERE CASE WHEN m.objects = 0 THEN false ELSE NOT EXISTS (
      SELECT FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
      WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped
        AND (a.atttypid = 26 OR a.atttypid IN (SELECT t.oid FROM pg_type AS t WHERE t.typname = 'lo'))) END
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .info, .database, quotedIdentifier(surroundings.server.database),
        "\(row.objects) large objects, and no column that could name one", [Figure("objects", row.objects)],
        remedies: [
          Remedy(
            "SELECT count(lo_unlink(oid)) FROM pg_largeobject_metadata;",
            risk: "an application may keep their numbers as bigint or text; vacuumlo does it in batches")
        ])
    }
  }
}
