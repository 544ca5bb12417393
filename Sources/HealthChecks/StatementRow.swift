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

  var statement: Figure { Figure("statement", text ?? "not readable by this role") }
}

/// Only the counters and texts of this database, without ours; nil where the extension is not there.
func statementsQuestion(for server: ServerInfo) -> SQL? {
  guard case .installed(_, let version) = server.statStatements else { return nil }
  let parts = version.split(separator: ".").compactMap { Int($0) }
  let minor = parts.count == 2 && parts[0] == 1 ? parts[1] : 99
  let old: SQL = " s.mean_time AS mean, s.total_time AS total, s.stddev_time AS deviation, s.max_time AS longest,\n"
  let new: SQL = """
     s.mean_exec_time AS mean, s.total_exec_time AS total, s.stddev_exec_time AS deviation, s.max_exec_time AS longest,

    """
  let compiling: SQL = """
     s.jit_generation_time + s.jit_inlining_time + s.jit_optimization_time + s.jit_emission_time AS compiling

    """
  let uncounted: SQL = " -1::float8 AS compiling\n"
  return """
    SELECT x.queryid AS "queryID", left(x.query, 300) AS "text", x.calls AS "calls", x.mean::float8 AS "mean",
      x.total::float8 AS "total", x.deviation::float8 AS "deviation", x.longest::float8 AS "longest",
      x.spilled::float8 AS "spilled", x.compiling::float8 AS "compiling"
    FROM (SELECT s.dbid, s.queryid, s.query, s.calls, s.temp_blks_written AS spilled,
    """ + (minor < 8 ? old : new) + (minor < 10 ? uncounted : compiling) + """
        FROM pg_stat_statements AS s) AS x
      WHERE x.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND (x.mean >= 1 OR x.spilled > 0 OR x.longest >= 20) AND coalesce(strpos(x.query, '/* pgadvisor */'), 0) = 0
      ORDER BY x.total DESC, x.queryid LIMIT 500
      """
}
