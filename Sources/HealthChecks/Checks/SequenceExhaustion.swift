// Sequences that come near to the end of their numbers, or of those of the column they fill.

import Database

struct SequenceExhaustion: HealthCheck {
  let id = "sequence-exhaustion"
  let about = CheckDescription(
    .sequences, "Sequences near their end", why: "At the end every INSERT that needs a number fails.",
    rule: "The smaller of the sequence's own range and that of the column it fills: warning from "
      + "sequence-warning-percent used, critical from sequence-critical-percent; below a tenth nothing is, and cycling ones are left out. "
      + "With a baseline the date of the end is told, by what was used since.",
    countsObjects: true)

  struct Row: Decodable, Sendable {
    let name: String
    let column: String?
    let table: String?
    let columnType: String?
    let type: String
    let increment: Int64
    let minimum: Int64
    let maximum: Int64
    let columnMaximum: Int64?
    let last: Int64?
    let isReadable: Bool
  }

  /// Each last number opens the sequence by a statement of its own: about 80 µs each. So many are asked in
  /// parts, and from `few` on only those that can run out.
  private static let part: Int64 = 2_000
  private static let few: Int64 = 2_500

  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] {
    let parts = min(max(1, (surroundings.sequences + Self.part - 1) / Self.part), 100)
    return (0..<parts).map { ["\(parts)", "\($0)", "\(surroundings.sequences <= Self.few)"] }
  }

  /// Owners by pg_depend (serial and identity), and columns that use it by default through the dependency of their
  /// default: no text is read. NULL is either "never called" or "not allowed".
  func question(for server: ServerInfo) -> SQL? {
    """
    WITH numbered AS MATERIALIZED (
      SELECT s.seqrelid, s.seqtypid, s.seqincrement, s.seqmin, s.seqmax FROM pg_sequence AS s
      WHERE s.seqrelid::bigint % $1::bigint = $2::bigint AND NOT s.seqcycle
    ), filled AS (
      SELECT DISTINCT u.seq, u.rel, u.att FROM (
        SELECT d.objid AS seq, d.refobjid AS rel, d.refobjsubid AS att FROM numbered AS q JOIN pg_depend AS d
          ON d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid AND d.objsubid = 0
        WHERE d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
        UNION ALL
        SELECT d.refobjid, f.adrelid, f.adnum FROM pg_depend AS d JOIN pg_attrdef AS f ON f.oid = d.objid
        WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n') AS u
    ), limited AS MATERIALIZED (
      SELECT s.*, f.rel, a.attname, a.atttypid,
        CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 WHEN 20 THEN 9223372036854775807 END AS colmax
      FROM numbered AS s LEFT JOIN filled AS f ON f.seq = s.seqrelid
      LEFT JOIN pg_attribute AS a ON a.attrelid = f.rel AND a.attnum = f.att
    ), used AS MATERIALIZED (
      SELECT s.*, r.readable,
        CASE WHEN r.readable AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
          THEN
    """ + lastNumber(of: "s.seqrelid") + """
           END AS last
        FROM limited AS s CROSS JOIN LATERAL (SELECT x.relpersistence FROM pg_class AS x WHERE x.oid = s.seqrelid
          AND x.relpersistence <> 't' OFFSET 0) AS c CROSS JOIN LATERAL (SELECT
      """ + mayReadLastNumber(of: "s.seqrelid") + """
             AS readable OFFSET 0) AS r
          WHERE ($3::boolean OR s.seqmax < 9000000000000000000 AND s.seqincrement > 0
            OR s.seqmin > -9000000000000000000 AND s.seqincrement < 0 OR s.colmax < 9000000000000000000)
        )
        SELECT u.seqrelid::regclass::text AS "name", u.rel::regclass::text AS "table", quote_ident(u.attname) AS "column",
          u.atttypid::regtype::text AS "columnType", u.seqtypid::regtype::text AS "type", u.seqincrement AS "increment",
          u.seqmin AS "minimum", u.seqmax AS "maximum", u.colmax AS "columnMaximum", u.last AS "last",
          u.readable AS "isReadable"
        FROM used AS u
        WHERE NOT u.readable OR abs(u.last::float8) * 10
          >= abs(CASE WHEN u.seqincrement > 0 THEN least(u.seqmax, u.colmax) ELSE u.seqmin END::float8)
        ORDER BY 1, 2, 3
        """
  }

  /// Up or down: how far from where it began, and how far it may go.
  private static func way(_ row: Row, _ last: Int64) -> (gone: Double, whole: Double) {
    let end = row.increment > 0 ? min(row.maximum, row.columnMaximum ?? .max) : row.minimum
    let start = row.increment > 0 ? max(row.minimum, 0) : min(row.maximum, 0)
    let gone = (Double(last) - Double(start)) * (row.increment > 0 ? 1 : -1)
    return (gone, max(1, abs(Double(end) - Double(start))))
  }

  func counters(_ rows: [Row], _ surroundings: Surroundings) -> [MeasuredCounter] {
    var counters: [String: MeasuredCounter] = [:]
    for row in rows {
      guard let last = row.last else { continue }
      let (gone, whole) = Self.way(row, last)
      guard let value = Int64(exactly: gone.rounded()), let end = Int64(exactly: min(whole, 9e18).rounded()) else {
        continue
      }
      // What fills several columns ends with the narrowest.
      if let known = counters[row.name], known.end <= end { continue }
      counters[row.name] = MeasuredCounter(FoundObject(.sequence, row.name), value: value, end: end)
    }
    return counters.keys.sorted().compactMap { counters[$0] }
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      guard let last = row.last else { return nil }
      let isColumnNarrower = row.increment > 0 && (row.columnMaximum ?? .max) < row.maximum
      let end = row.increment > 0 ? min(row.maximum, row.columnMaximum ?? .max) : row.minimum
      let (gone, whole) = Self.way(row, last)
      let used = gone / whole * 100
      guard used >= limits["sequence-warning-percent"] else { return nil }
      var remedies: [Remedy] = []
      if let table = row.table, let column = row.column, row.increment > 0, row.columnMaximum == end, end < .max {
        remedies.append(
          Remedy(
            "ALTER TABLE \(table) ALTER COLUMN \(column) TYPE bigint;", .accessExclusive, .rewrite,
            risk: "columns that refer to it need the same; for a large table fill a new column in batches instead"))
      }
      if row.increment < 0 || row.maximum == end {
        remedies.append(contentsOf: Self.widened(row))
      }
      let place = row.table.flatMap { table in row.column.map { " for \(table).\($0)" } } ?? ""
      return finding(
        used >= limits["sequence-critical-percent"] ? .critical : .warning, .sequence, row.name,
        "\(row.name)\(place) has used \(Int(min(used, 100))) % of its numbers: \(last) of \(end)",
        [Figure("last", last), Figure("end", end), Figure("used", used, .percent)],
        remedies: remedies,
        notes: isColumnNarrower ? ["the limit is the column's type, \(row.columnType ?? "")"] : [])
    }
  }

  /// A changed type takes the limits along that were the old type's own.
  private static func widened(_ row: Row) -> [Remedy] {
    let (typeMinimum, typeMaximum): (Int64, Int64) =
      switch row.type {
      case "smallint": (Int64(Int16.min), Int64(Int16.max))
      case "integer": (Int64(Int32.min), Int64(Int32.max))
      default: (.min, .max)
      }
    if row.increment > 0 && row.maximum < typeMaximum {
      return [Remedy("ALTER SEQUENCE \(row.name) NO MAXVALUE;", .shareRowExclusive, risk: "somebody has set the limit")]
    }
    if row.increment < 0 && row.minimum > typeMinimum {
      return [Remedy("ALTER SEQUENCE \(row.name) NO MINVALUE;", .shareRowExclusive, risk: "somebody has set the limit")]
    }
    return row.type == "bigint" ? [] : [Remedy("ALTER SEQUENCE \(row.name) AS bigint;", .shareRowExclusive)]
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let all = surroundings.sequences
    let vast = all > Self.few ? ["those of \(all) sequences whose 64 bits last for ages were not asked"] : []
    let hidden = rows.filter { !$0.isReadable }
    guard let first = hidden.first else { return vast }
    let role = quotedIdentifier(surroundings.server.user)
    return vast + [
      "\(hidden.count) sequence\(hidden.count == 1 ? "" : "s") that role \(surroundings.server.user) may not read, such as \(first.name): "
        + "GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO \(role);"
    ]
  }
}
