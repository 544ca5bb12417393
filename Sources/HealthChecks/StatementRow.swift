// What pg_stat_statements has counted, read once for all checks that judge statements.

import Database

/// One statement of this database.
struct StatementRow: Decodable, Sendable {
  let queryID: Int64?
  let text: String?
  let calls: Int64
  /// Milliseconds, like all times here.
  let mean: Double
  let total: Double
  let deviation: Double
  let longest: Double
  /// Blocks of temporary files.
  let spilled: Double
  /// -1 where this version does not count it.
  let compiling: Double
  let rows: Double
  /// Of shared buffers: found, and asked of the system.
  let hit: Double
  let read: Double
  /// -1 where it is not counted.
  let planning: Double
  /// Bytes of WAL; -1 where this version does not count them.
  let wal: Double
  /// Execution of all statements of this database.
  let all: Double
  /// Since counting began; nil where nobody knows.
  let days: Double?

  var statement: Figure { Figure("statement", text ?? "not readable by this role") }
}

/// Only the counters and texts of this database, without ours; nil where the extension is not there.
func statementsQuestion(for server: ServerInfo) -> SQL? {
  guard case .installed(_, let version) = server.statStatements else { return nil }
  let parts = version.split(separator: ".").compactMap { Int($0) }
  let minor = parts.count == 2 && parts[0] == 1 ? parts[1] : 99
  let old: SQL = """
     s.mean_time AS mean, s.total_time AS total, s.stddev_time AS deviation, s.max_time AS longest,
      -1::float8 AS planning, -1::float8 AS wal, sum(s.total_time) OVER () AS everything,

    """
  let new: SQL = """
     s.mean_exec_time AS mean, s.total_exec_time AS total, s.stddev_exec_time AS deviation, s.max_exec_time AS longest,
      CASE WHEN s.plans > 0 THEN s.total_plan_time ELSE -1 END AS planning, s.wal_bytes AS wal,
      sum(s.total_exec_time) OVER () AS everything,

    """
  let compiling: SQL = """
     s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time AS compiling

    """
  let uncounted: SQL = " -1::float8 AS compiling\n"
  let undated: SQL = " NULL::float8 AS \"days\"\n"
  let dated: SQL = """
     (SELECT extract(epoch FROM now() - i.stats_reset) / 86400 FROM pg_stat_statements_info AS i)::float8 AS "days"

    """
  return """
    SELECT x.queryid AS "queryID", left(x.query, 300) AS "text", x.calls AS "calls", x.mean::float8 AS "mean",
      x.total::float8 AS "total", x.deviation::float8 AS "deviation", x.longest::float8 AS "longest",
      x.spilled::float8 AS "spilled", x.compiling::float8 AS "compiling", x.rows::float8 AS "rows",
      x.shared_blks_hit::float8 AS "hit", x.shared_blks_read::float8 AS "read", x.planning::float8 AS "planning",
      x.wal::float8 AS "wal", x.everything::float8 AS "all",
    """ + (minor < 9 ? undated : dated) + """
      FROM (SELECT s.queryid, s.query, s.calls, s.temp_blks_written AS spilled, s.rows,
        s.shared_blks_hit, s.shared_blks_read,
      """ + (minor < 8 ? old : new) + (minor < 10 ? uncounted : compiling) + """
          FROM pg_stat_statements AS s
          WHERE s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())) AS x
        WHERE (x.mean >= 1 OR x.spilled > 0 OR x.longest >= 20 OR x.calls >= 10000 OR x.planning > x.total)
          AND coalesce(strpos(x.query, '/* pgadvisor */'), 0) = 0
        ORDER BY x.total DESC, x.queryid LIMIT 500
        """
}
