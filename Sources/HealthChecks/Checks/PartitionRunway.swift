// Partitions by time: whether there is one for tomorrow.

import Database

struct PartitionRunway: HealthCheck {
  let id = "partition-runway"
  let about = CheckDescription(
    .schema, "Partitions for the time to come",
    why: "Rows for which there is no partition are refused, or fall into the default.",
    rule:
      "Partitioned by a range of time, and the last partition has ended within the last three of its lengths: critical, "
      + "or a warning where a default partition takes the rows; it ends within one length: warning.")

  struct Row: Decodable, Sendable {
    let table: String
    let last: String
    let end: String
    let left: Double
    let length: Double
    let hasDefault: Bool
  }

  /// The newest bound of each table is read out of its text; all that is no time is left out before.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT DISTINCT ON (b.parent) b.parent::regclass::text AS "table", b.child::regclass::text AS "last",
      to_char(b.upper, 'YYYY-MM-DD HH24:MI') || ' UTC' AS "end",
      extract(epoch FROM b.upper - now())::float8 AS "left", extract(epoch FROM b.upper - b.lower)::float8 AS "length",
      b.hasdefault AS "hasDefault"
    FROM (
      SELECT k.partrelid AS parent, h.inhrelid AS child, x.bound[1]::timestamptz AS lower,
        x.bound[2]::timestamptz AS upper,
        k.partdefid <> 0 AS hasdefault, bool_or(x.text LIKE '%TO (MAXVALUE)') OVER (PARTITION BY k.partrelid) AS isopen
      FROM pg_partitioned_table AS k
      JOIN pg_attribute AS a ON a.attrelid = k.partrelid AND a.attnum = k.partattrs[0] AND a.atttypid IN (1082,
        1114, 1184)
      JOIN pg_inherits AS h ON h.inhparent = k.partrelid JOIN pg_class AS c ON c.oid = h.inhrelid
      CROSS JOIN LATERAL (SELECT t.text, regexp_match(t.text,
        '^FOR VALUES FROM \\(''([0-9][^'']*)''\\) TO \\(''([0-9][^'']*)''\\)$') AS bound
        FROM (SELECT pg_get_expr(c.relpartbound, c.oid) AS text OFFSET 0) AS t OFFSET 0) AS x
      WHERE k.partstrat = 'r' AND k.partnatts = 1
    ) AS b WHERE b.upper IS NOT NULL AND NOT b.isopen ORDER BY b.parent, b.upper DESC
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    // One that ended long ago is an archive.
    rows.filter { $0.length > 0 && $0.left < $0.length && $0.left > -3 * $0.length }.map { row in
      finding(
        row.left <= 0 && !row.hasDefault ? .critical : .warning, .table, row.table,
        row.left <= 0
          ? "the last partition of \(row.table), \(row.last), ended at \(row.end)"
          : "the last partition of \(row.table), \(row.last), ends at \(row.end), in \(duration(row.left))",
        [Figure("left", row.left, .seconds), Figure("length", row.length, .seconds)],
        notes: ["CREATE TABLE … PARTITION OF waits for all others; creating the table and attaching it does not"])
    }
  }
}
