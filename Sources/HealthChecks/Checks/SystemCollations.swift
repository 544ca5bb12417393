// Indexes in an order that the operating system's or ICU's library defines: another version may order differently.

import Database

struct SystemCollations: HealthCheck {
  let id = "system-collations"
  let about = CheckDescription(
    .upgrade, "Indexes ordered by a library",
    why: "On a machine whose library orders text differently look-ups miss rows, and unique indexes let twins in.",
    rule: "Indexes on text in the order of libc or ICU: info, with the version they are in. Those in the order of C, "
      + "POSIX, C.UTF-8 or PostgreSQL's own provider are left out.")

  struct Row: Decodable, Sendable {
    let provider: String
    let version: String?
    let indexes: Int64
    let examples: [String]
  }

  func question(for server: ServerInfo) -> SQL? {
    let provider: SQL = server.majorVersion >= 15 ? " d.datlocprovider" : " 'c'"
    let version: SQL =
      server.majorVersion >= 15
      ? " pg_database_collation_actual_version(d.oid)"
      : """
       (SELECT pg_collation_actual_version(x.oid) FROM pg_collation AS x WHERE x.collprovider = 'c'
        AND x.collcollate = d.datcollate ORDER BY x.oid LIMIT 1)
      """
    return """
      WITH used AS MATERIALIZED (
        SELECT DISTINCT i.indexrelid, u.coll FROM pg_index AS i
        CROSS JOIN unnest(i.indcollation::oid[]) AS u(coll)
        WHERE i.indexrelid >= 16384 AND u.coll <> 0
      ), ordered AS MATERIALIZED (
        SELECT k.oid AS coll, k.collprovider AS provider, pg_collation_actual_version(k.oid) AS version
        FROM pg_collation AS k WHERE k.oid IN (SELECT u.coll FROM used AS u)
          AND (k.collprovider = 'i' OR k.collprovider = 'c' AND k.collcollate !~* '^(c|posix)([.].*)?$')
        UNION ALL
        SELECT 'pg_catalog.default'::regcollation,
      """ + provider + "," + version + """
         FROM pg_database AS d WHERE d.datname = current_database() AND (
        """ + provider + " = 'i' OR " + provider + """
           = 'c' AND d.datcollate !~* '^(c|posix)([.].*)?$')
          )
          SELECT CASE o.provider WHEN 'i' THEN 'ICU' ELSE 'libc' END AS "provider", max(o.version) AS "version",
            count(DISTINCT u.indexrelid) AS "indexes",
            (array_agg(DISTINCT u.indexrelid::regclass::text ORDER BY u.indexrelid::regclass::text))[1:3] AS "examples"
          FROM used AS u JOIN ordered AS o ON o.coll = u.coll GROUP BY o.provider ORDER BY 1
          """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let version = row.version.map { " \($0)" } ?? ""
      return finding(
        .info, .collation, row.provider,
        "\(row.indexes) indexes are in the order of \(row.provider)\(version), such as "
          + row.examples.joined(separator: ", "),
        [Figure("indexes", row.indexes), Figure("version", row.version ?? "unknown")],
        notes: [
          "see which version the new machine has: with the same one nothing is to do",
          "else REINDEX these after the move, before anybody relies on them; a dump that is restored builds them anew",
        ])
    }
  }
}
