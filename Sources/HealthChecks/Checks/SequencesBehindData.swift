// Sequences whose next numbers are in their table already.

import Database

struct SequencesBehindData: HealthCheck {
  let id = "sequences-behind-data"
  let about = CheckDescription(
    .sequences, "Sequences behind their data",
    why: "INSERT fails with a duplicate key again and again, until the sequence has caught up.",
    rule: "A unique column's largest known value is above what its sequence has given out: critical. By the planner's "
      + "statistics, of the thousand largest tables.", needs: [.columnStatistics, .primary],
    countsObjects: true)

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let column: String
    let last: Int64?
    let known: Int64
    let isReadable: Bool
  }

  /// Each sequence is opened by a statement of its own, so many are asked in two halves.
  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] {
    surroundings.sequences > 500 ? [["2", "0"], ["2", "1"]] : [["1", "0"]]
  }

  /// The last bound of the histogram is a value that stood there when the table was analyzed. A restored table has one, and
  /// its sequence none.
  func question(for server: ServerInfo) -> SQL? { Self.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { Self.questions(surroundings) }

  private static let questions = StatisticsQuestion(question)

  private static func question(_ statistics: ColumnStatistics) -> SQL {
    """
    WITH large AS MATERIALIZED (
      SELECT c.oid FROM pg_class AS c WHERE c.relkind = 'r' AND c.oid >= 16384 AND c.reltuples > 0
        AND c.relpersistence = 'p' ORDER BY c.reltuples DESC, c.oid LIMIT 1000
    ), filled AS MATERIALIZED (
      SELECT d.seq, l.oid AS rel, d.att FROM large AS l CROSS JOIN LATERAL (
        SELECT d.objid AS seq, d.refobjsubid AS att FROM pg_depend AS d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = l.oid AND d.refobjsubid > 0
          AND d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND d.deptype IN ('a', 'i')
          AND d.objid::bigint % $1::bigint = $2::bigint OFFSET 0) AS d
      CROSS JOIN LATERAL (SELECT FROM pg_index AS i WHERE i.indrelid = l.oid AND i.indisunique AND i.indnkeyatts = 1
        AND i.indkey[0] = d.att LIMIT 1) AS u
    ), known AS MATERIALIZED (
      SELECT f.seq, f.rel, a.attname, q.seqincrement, q.seqstart, s.bounds::text::bigint[] AS bounds
      FROM filled AS f JOIN pg_sequence AS q ON q.seqrelid = f.seq
      JOIN pg_class AS t ON t.oid = f.rel JOIN pg_namespace AS n ON n.oid = t.relnamespace
      JOIN pg_attribute AS a ON a.attrelid = f.rel AND a.attnum = f.att AND a.atttypid IN (20, 21, 23)
      CROSS JOIN LATERAL (SELECT p.* FROM
    """ + statistics.relation("f.rel", schema: "n.nspname", name: "t.relname") + """
           AS p WHERE p.number = f.att OFFSET 0) AS s
        WHERE q.seqincrement > 0 AND NOT q.seqcycle
      )
      , given AS MATERIALIZED (
        SELECT k.*, r.readable, CASE WHEN r.readable THEN
      """ + lastNumber(of: "k.seq") + """
           END AS last
          FROM known AS k CROSS JOIN LATERAL (SELECT
        """ + mayReadLastNumber(of: "k.seq") + """
           AS readable OFFSET 0) AS r WHERE k.bounds IS NOT NULL
        )
        SELECT g.seq::regclass::text AS "name", g.rel::regclass::text AS "table", quote_ident(g.attname) AS "column",
          g.last AS "last", g.bounds[cardinality(g.bounds)] AS "known", g.readable AS "isReadable"
        FROM given AS g
        WHERE NOT g.readable OR coalesce(g.last, g.seqstart - 1) < g.bounds[cardinality(g.bounds)]
        ORDER BY 1, 2, 3 LIMIT 500
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter(\.isReadable).map { row in
      finding(
        .critical, .sequence, row.name,
        "\(row.name) has given out \(row.last.map { "numbers up to \($0)" } ?? "nothing"), and \(row.table).\(row.column) "
          + "has \(row.known)",
        [Figure("known", row.known)] + (row.last.map { [Figure("last", $0)] } ?? []),
        remedies: [
          Remedy(
            "SELECT setval(\(literal(row.name)), (SELECT max(\(row.column)) FROM \(row.table)));", .rowExclusive, .scan,
            risk: "rows that are inserted meanwhile may be missed: do it while nobody writes")
        ], notes: ["where another program gives the numbers, the sequence is not used and this means nothing"])
    }
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let hidden = rows.count { !$0.isReadable }
    return hidden == 0
      ? [] : ["\(hidden) sequence\(hidden == 1 ? "" : "s") that role \(surroundings.server.user) may not read"]
  }
}
