// Columns that hold fewer numbers than the sequence or the key they are filled from.

import Database

struct NarrowKeyColumns: HealthCheck {
  let id = "narrow-key-columns"
  let about = CheckDescription(
    .sequences, "Columns narrower than what fills them",
    why: "The column overflows although the sequence or the referenced key still has numbers.",
    rule: "A column of fewer bytes than its sequence, or than the key it refers to: notice; warning from "
      + "narrow-column-percent of its range.")

  struct Row: Decodable, Sendable {
    let table: String
    let column: String
    let type: String
    let source: String
    let sourceType: String
    let isForeignKey: Bool
    let limit: Int64
    let last: Int64?
  }

  /// Keys of different width are compared by the operators 416, 1868 and 533 (bigint and integer, bigint and smallint,
  /// integer and smallint).
  func question(for server: ServerInfo) -> SQL? {
    """
    WITH filled AS MATERIALIZED (
      SELECT DISTINCT u.seq, u.rel, u.att FROM (
        SELECT d.objid AS seq, d.refobjid AS rel, d.refobjsubid AS att FROM pg_sequence AS q JOIN pg_depend AS d
          ON d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid AND d.objsubid = 0
        WHERE d.refclassid = 'pg_class'::regclass AND d.deptype = 'a' AND d.refobjsubid > 0
        UNION ALL
        SELECT d.refobjid, f.adrelid, f.adnum FROM pg_depend AS d JOIN pg_attrdef AS f ON f.oid = d.objid
        WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n') AS u
    ), narrow AS (
      SELECT f.rel, f.att, a.attname, a.atttypid, s.seqrelid AS source, s.seqtypid AS stype, false AS fk,
        s.seqrelid AS seq
      FROM filled AS f JOIN pg_sequence AS s ON s.seqrelid = f.seq
      JOIN pg_attribute AS a ON a.attrelid = f.rel AND a.attnum = f.att
      WHERE a.atttypid IN (21, 23) AND (s.seqtypid = 20 OR s.seqtypid = 23 AND a.atttypid = 21)
      UNION ALL
      SELECT k.conrelid, a.attnum, a.attname, a.atttypid, k.confrelid, p.atttypid, true, n.seqrelid
      FROM pg_constraint AS k CROSS JOIN unnest(k.conkey, k.confkey) AS t(child, parent)
      JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = t.child
      JOIN pg_attribute AS p ON p.attrelid = k.confrelid AND p.attnum = t.parent
      LEFT JOIN LATERAL (
        SELECT s.seqrelid FROM pg_sequence AS s WHERE s.seqrelid IN (
          SELECT d.objid FROM pg_depend AS d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = k.confrelid
            AND d.refobjsubid = t.parent AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          UNION SELECT f.seq FROM filled AS f WHERE f.rel = k.confrelid AND f.att = t.parent)
        ORDER BY 1 LIMIT 1) AS n ON true
      WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conpfeqop && ARRAY[416, 1868, 533]::oid[]
        AND a.atttypid IN (21, 23) AND (p.atttypid = 20 OR p.atttypid = 23 AND a.atttypid = 21)
    )
    SELECT w.rel::regclass::text AS "table", quote_ident(w.attname) AS "column", w.atttypid::regtype::text AS "type",
      w.source::regclass::text AS "source", w.stype::regtype::text AS "sourceType", w.fk AS "isForeignKey",
      CASE w.atttypid WHEN 21 THEN 32767 ELSE 2147483647 END AS "limit",
      CASE WHEN
    """ + mayReadLastNumber(of: "w.seq") + """
         AND NOT (q.relpersistence = 'u' AND pg_is_in_recovery()) THEN
      """ + lastNumber(of: "w.seq") + """
           END AS "last"
        FROM narrow AS w JOIN pg_class AS c ON c.oid = w.rel LEFT JOIN pg_class AS q ON q.oid = w.seq
        WHERE NOT c.relispartition AND
        """ + ownRelation + """
        ORDER BY 1, 2, 4
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let percent = row.last.map { Double($0) * 100 / Double(max(1, row.limit)) }
      let isNear = (percent ?? 0) >= limits["narrow-column-percent"]
      let verb = row.isForeignKey ? "refers to a key of" : "is filled from"
      return finding(
        isNear ? .warning : .notice, .column, "\(row.table).\(row.column)",
        "\(row.table).\(row.column) is \(row.type), and \(verb) \(row.source), which is \(row.sourceType)"
          + (percent.map { ", and at \(Int(max(0, min($0, 1e6)))) % of the column's range" } ?? ""),
        [Figure("limit", row.limit), Figure("source", row.source)] + (row.last.map { [Figure("last", $0)] } ?? []),
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) ALTER COLUMN \(row.column) TYPE \(row.sourceType);", .accessExclusive, .rewrite,
            risk: "views and functions that use the column may stand in the way")
        ])
    }
  }
}
