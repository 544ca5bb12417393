// Stored columns of types that hold numbers of another release's catalog.

import Database

struct UnportableColumns: HealthCheck {
  let id = "unportable-columns"
  let about = CheckDescription(
    .upgrade, "Columns that pg_upgrade refuses",
    why: "pg_upgrade keeps the files as they are, and these hold numbers that mean something else in the next release.",
    rule: "A stored column of regproc, regprocedure, regoper, regoperator, regconfig, regdictionary, regnamespace or "
      + "regcollation, of a row type of the system, or up to PostgreSQL 15 of aclitem, also within arrays, domains, "
      + "ranges and composite types: warning.")

  struct Row: Decodable, Sendable {
    let relation: String
    /// r, m or i.
    let kind: String
    let column: String
    let type: String
    let cause: String
    let isArray: Bool
  }

  /// Types that are refused, and what may contain them: all others are left out when columns are read, once. Of partitions
  /// the whole is named. An index counts where it keeps an expression of its own.
  func question(for server: ServerInfo) -> SQL? {
    let grown: SQL = server.majorVersion < 16 ? ", 'aclitem'" : ""
    return """
      WITH RECURSIVE refused AS MATERIALIZED (
        SELECT t.oid, t.typarray FROM pg_type AS t
        WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('regproc', 'regprocedure', 'regoper',
          'regoperator', 'regconfig', 'regdictionary', 'regnamespace', 'regcollation'
      """ + grown + """
          ) OR t.typtype = 'c' AND (t.oid < 16384 OR t.typnamespace = to_regnamespace('information_schema'))
        ), columns AS MATERIALIZED (
          SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod FROM pg_attribute AS a
          WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND (a.atttypid >= 16384
            OR a.atttypid IN (SELECT x.oid FROM refused AS x UNION ALL SELECT x.typarray FROM refused AS x))
        ), steps AS MATERIALIZED (
          SELECT t.typelem AS part, t.oid AS whole FROM pg_type AS t
          WHERE t.typelem <> 0 AND t.typlen = -1 AND t.typtype = 'b'
          UNION ALL SELECT t.typbasetype, t.oid FROM pg_type AS t WHERE t.typtype = 'd'
          UNION ALL SELECT r.rngsubtype, r.rngtypid FROM pg_range AS r
          UNION ALL SELECT a.atttypid, c.reltype FROM columns AS a JOIN pg_class AS c ON c.oid = a.attrelid
          WHERE c.reltype <> 0
        ), kept AS (
          SELECT r.oid AS type, r.oid AS root FROM refused AS r
          UNION SELECT s.whole, k.root FROM kept AS k JOIN steps AS s ON s.part = k.type
        )
        SELECT DISTINCT coalesce(CASE WHEN c.relispartition THEN pg_partition_root(c.oid) END, c.oid)::regclass::text
            AS "relation", c.relkind::text AS "kind", quote_ident(a.attname) AS "column",
          format_type(a.atttypid, a.atttypmod) AS "type", k.root::regtype::text AS "cause",
          t.typelem <> 0 AND t.typlen = -1 AS "isArray"
        FROM (SELECT x.type, min(x.root) AS root FROM kept AS x GROUP BY x.type) AS k
        JOIN columns AS a ON a.atttypid = k.type JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE c.relkind IN ('r', 'm', 'i') AND c.relpersistence <> 't'
          AND c.relnamespace IS DISTINCT FROM to_regnamespace('information_schema') AND (c.relkind <> 'i'
            OR EXISTS (SELECT FROM pg_index AS i
            WHERE i.indexrelid = c.oid AND i.indkey[a.attnum - 1] = 0))
        ORDER BY 1, 3 LIMIT 1000
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let isIndex = row.kind == "i"
      return finding(
        .warning, isIndex ? .index : .column, isIndex ? row.relation : "\(row.relation).\(row.column)",
        "\(row.relation)\(isIndex ? "" : ".\(row.column)") keeps values of \(row.type)"
          + (row.type == row.cause ? "" : ", which are of \(row.cause) within"),
        [Figure("type", row.type)],
        remedies: remedies(row),
        notes: row.kind == "m"
          ? ["make the materialized view anew, with the column as text"]
          : ["regclass, regtype and regrole are kept, and may stay"])
    }
  }

  private func remedies(_ row: Row) -> [Remedy] {
    switch row.kind {
    case "r":
      let text = row.isArray ? "text[]" : "text"
      return [
        Remedy(
          "ALTER TABLE \(row.relation) ALTER COLUMN \(row.column) TYPE \(text) USING \(row.column)::\(text);",
          .accessExclusive, .rewrite, risk: "who compares the column with such a value has to cast it")
      ]
    case "i":
      return [
        Remedy(
          "DROP INDEX CONCURRENTLY \(row.relation);", .shareUpdateExclusive, risk: "waits for older transactions",
          isTransactional: false)
      ]
    default: return []
    }
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    ["other databases of this server: what upgrades meet is looked for in each by itself"]
  }
}
