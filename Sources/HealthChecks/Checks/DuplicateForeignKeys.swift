// Foreign keys that say the same twice.

import Database

struct DuplicateForeignKeys: HealthCheck {
  let id = "duplicate-foreign-keys"
  let about = CheckDescription(
    .constraints, "Duplicate foreign keys", why: "Every change of a row is checked twice, and locks twice.",
    rule: "Two foreign keys of the same columns to the same columns, with the same actions: info.")

  struct Row: Decodable, Sendable {
    let table: String
    let name: String
    let twin: String
    let referenced: String
  }

  /// Kept: the one that is validated, then the older.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT a.conrelid::regclass::text AS "table", quote_ident(a.conname) AS "name", quote_ident(b.conname) AS "twin",
      a.confrelid::regclass::text AS "referenced"
    FROM pg_constraint AS a JOIN pg_constraint AS b ON b.conrelid = a.conrelid AND b.confrelid = a.confrelid
      AND b.conkey = a.conkey AND b.confkey = a.confkey AND b.confdeltype = a.confdeltype
      AND b.confupdtype = a.confupdtype AND b.condeferrable = a.condeferrable AND b.condeferred = a.condeferred
    JOIN pg_class AS c ON c.oid = a.conrelid
    WHERE a.contype = 'f' AND b.contype = 'f' AND a.conparentid = 0 AND b.conparentid = 0
      AND (b.convalidated, -b.oid::bigint) > (a.convalidated, -a.oid::bigint) AND
    """ + ownRelation + """
      ORDER BY 1, 2, 3 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    var seen: Set<String> = []
    return rows.filter { seen.insert("\($0.table).\($0.name)").inserted }.map { row in
      finding(
        .info, .constraint, "\(row.table).\(row.name)",
        "\(row.name) of \(row.table) refers to \(row.referenced) as \(row.twin) does",
        remedies: [Remedy("ALTER TABLE \(row.table) DROP CONSTRAINT \(row.name);", .accessExclusive)],
        notes: ["the referenced table is locked too, for as long"])
    }
  }
}
