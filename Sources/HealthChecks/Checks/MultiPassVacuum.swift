// VACUUMs that have to go over all indexes of a table more than once, since their memory does not hold all dead rows.

import Database

struct MultiPassVacuum: HealthCheck {
  let id = "multi-pass-vacuum"
  let about = CheckDescription(
    .vacuum, "VACUUM in several passes",
    why: "Each pass reads every index of the table anew, and meanwhile the dead rows stay.",
    rule:
      "A VACUUM that is in its second pass over the indexes: warning. Before PostgreSQL 17: a table with so many dead "
      + "rows that VACUUM's memory holds them only in vacuum-passes passes: notice.",
    needs: [.monitoring, .primary])

  struct Row: Decodable, Sendable {
    let table: String
    /// Done, or to be expected.
    let passes: Int64
    /// Of a VACUUM that runs.
    let pid: Int64?
    let isAutovacuum: Bool
    /// nil where it is not counted.
    let dead: Int64?
    let memory: Int64
  }

  /// Up to 16 each dead row takes six bytes of one array of at most a gigabyte; 17 packs them, and has no such bound.
  /// https://www.postgresql.org/docs/current/progress-reporting.html#VACUUM-PROGRESS-REPORTING
  func part(for server: ServerInfo) -> SQL? {
    """
    WITH memory AS (
      SELECT pg_size_bytes(current_setting('maintenance_work_mem')) AS ours, pg_size_bytes(current_setting(
        CASE current_setting('autovacuum_work_mem') WHEN '-1' THEN 'maintenance_work_mem'
          ELSE 'autovacuum_work_mem' END)) AS workers
    )
    SELECT coalesce(c.oid::regclass::text, 'a table of ' || quote_ident(p.datname::text)) AS "table",
      p.index_vacuum_count + CASE p.phase WHEN 'scanning heap' THEN 1 ELSE 0 END AS "passes", p.pid::bigint AS "pid",
      coalesce(a.backend_type = 'autovacuum worker', false) AS "isAutovacuum", NULL::bigint AS "dead",
      CASE a.backend_type WHEN 'autovacuum worker' THEN m.workers ELSE m.ours END AS "memory"
    FROM pg_stat_progress_vacuum AS p CROSS JOIN memory AS m LEFT JOIN pg_stat_activity AS a ON a.pid = p.pid
    LEFT JOIN all_tables AS c ON c.oid = p.relid AND p.datname = current_database()
    WHERE p.index_vacuum_count >= 2 OR p.index_vacuum_count = 1 AND p.phase = 'scanning heap'
    """ + (server.majorVersion < 17 ? Self.expected : "") + "\nORDER BY 3, 2 DESC, 1"
  }

  private static let expected: SQL = """

    UNION ALL (
    SELECT c.oid::regclass::text, ceil(s.dead * 6.0 / least(m.workers, 1073741823))::bigint, NULL, false, s.dead,
      least(m.workers, 1073741823)
    FROM memory AS m CROSS JOIN tables AS c
    CROSS JOIN LATERAL (SELECT coalesce(pg_stat_get_dead_tuples(c.oid), 0) AS dead OFFSET 0) AS s
    WHERE c.relkind IN ('r', 'm') AND c.relhasindex AND s.dead * 6 > least(m.workers, 1073741823) AND
    """ + ownRelation + """
      ORDER BY s.dead DESC, 1 LIMIT 100)
      """

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.passes) >= limits["vacuum-passes"] }.map { row in
      guard let dead = row.dead else { return running(row, surroundings) }
      // Room for a tenth more than there is.
      let megabytes = max(2, min(1_024, dead / 1_048_576 * 7 + 8))
      return finding(
        .notice, .table, row.table,
        "\(row.table) has \(dead) dead rows, and VACUUM's \(size(row.memory)) hold them in \(row.passes) passes",
        [Figure("passes", row.passes), Figure("dead", dead), Figure("memory", row.memory, .bytes)],
        remedies: [
          Remedy(
            "SET maintenance_work_mem = '\(megabytes)MB'; VACUUM \(row.table);", .shareUpdateExclusive, .scan,
            isTransactional: false)
        ],
        notes: row.passes > dead / 178_956_970 + 1
          ? [] : ["before PostgreSQL 17 VACUUM takes no more than 1 GB for them: vacuum it more often"],
        since: surroundings.usageSince)
    }
  }

  private func running(_ row: Row, _ surroundings: Surroundings) -> Finding {
    let name = row.isAutovacuum ? "autovacuum_work_mem" : "maintenance_work_mem"
    let kilobytes = max(2_048, min(1_048_576, row.memory / 1_024 * max(2, row.passes)))
    return finding(
      .warning, .table, row.table,
      "VACUUM of \(row.table) (session \(row.pid ?? 0)) is in pass \(row.passes) over its indexes with \(size(row.memory))",
      [Figure("passes", row.passes), Figure("memory", row.memory, .bytes), Figure("pid", row.pid ?? 0)],
      remedies: [
        changing(name, to: "\(kilobytes)kB", bare: "\(kilobytes)", on: surroundings)
      ],
      notes: ["this one goes on as it began; the next takes the larger memory, and each worker takes as much"])
  }
}
