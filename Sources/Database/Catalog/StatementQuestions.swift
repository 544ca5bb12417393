// What is asked of pg_stat_statements, whose columns changed with most versions.

/// The questions for one version of the extension, which may be older than the server. Asked with `pg_catalog` and the
/// extension's schema on the search path. https://www.postgresql.org/docs/current/pgstatstatements.html
struct StatementQuestions {
  private let minor: Int

  /// - Parameter version: as `pg_extension.extversion`, for instance `1.10`.
  init(extensionVersion version: String) {
    let parts = version.split(separator: ".").compactMap { Int($0) }
    minor = parts.count == 2 && parts[0] == 1 ? parts[1] : Int.max
  }

  /// One row: how many there are and what they took together.
  var summary: SQL {
    recorded + """
      SELECT count(*) FILTER (WHERE queryid IS NOT NULL AND query IS NOT NULL) AS "count",
        coalesce(sum(total), 0) AS "milliseconds", coalesce(sum(calls), 0) AS "calls",
        count(*) FILTER (WHERE queryid IS NULL OR query IS NULL) AS "hidden"
      FROM recorded
      """
  }

  /// Calls, mean milliseconds, share and limit are bound, in this order. The search path of a role without one of its
  /// own is the configuration's, which our session shows unless our own role has one.
  var statements: SQL {
    recorded + """
      , usual AS (
        SELECT CASE WHEN EXISTS (
            SELECT FROM pg_db_role_setting AS g CROSS JOIN unnest(g.setconfig) AS c(setting)
            WHERE g.setrole = (SELECT u.oid FROM pg_roles AS u WHERE u.rolname = session_user)
              AND c.setting LIKE 'search\\_path=%')
          THEN boot_val ELSE reset_val END AS path
        FROM pg_settings WHERE name = 'search_path'
      )
      SELECT r.queryid AS "queryID", left(r.query, 1000001) AS "text", a.rolname AS "role",
        CASE WHEN a.oid IS NOT NULL THEN coalesce(
          (SELECT substr(c.setting, 13) FROM pg_db_role_setting AS g CROSS JOIN unnest(g.setconfig) AS c(setting)
            WHERE g.setrole IN (0, r.userid) AND g.setdatabase IN (0, r.dbid) AND c.setting LIKE 'search\\_path=%'
            ORDER BY g.setrole DESC, g.setdatabase DESC LIMIT 1),
          (SELECT path FROM usual)) END AS "searchPath",
        r.toplevel AS "isTopLevel", r.calls AS "calls", r.total AS "totalMilliseconds", r.mean AS "meanMilliseconds",
        r.rows AS "rows", r.shared_blks_hit + r.local_blks_hit AS "blocksHit",
        r.shared_blks_read + r.local_blks_read AS "blocksRead",
        r.shared_blks_dirtied + r.local_blks_dirtied AS "blocksDirtied",
        r.shared_blks_written + r.local_blks_written AS "blocksWritten",
        r.temp_blks_read + r.temp_blks_written AS "temporaryBlocks", r.io AS "ioMilliseconds",
        r.wal_records AS "walRecords", r.wal_bytes AS "walBytes"
      FROM recorded AS r LEFT JOIN pg_roles AS a ON a.oid = r.userid
      WHERE r.queryid IS NOT NULL AND r.query IS NOT NULL
        AND r.calls >= $1::bigint AND r.mean >= $2::double precision
        AND r.total >= $3::double precision * (SELECT sum(total) FROM recorded)
      ORDER BY r.total DESC, r.queryid, r.userid, r.toplevel
      LIMIT $4::bigint
      """
  }

  /// When counting began and what was lost; from 1.9, that is PostgreSQL 14.
  var info: SQL? {
    if minor < 9 { return nil }
    return """
      SELECT to_char(i.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS "since",
        i.dealloc AS "deallocations",
        extract(epoch FROM now() - d.stats_reset)::double precision
          / nullif(extract(epoch FROM now() - i.stats_reset)::double precision, 0) AS "factor"
      FROM pg_stat_statements_info AS i
      CROSS JOIN (SELECT s.stats_reset FROM pg_stat_database AS s WHERE s.datname = current_database()) AS d
      """
  }

  /// This database's statements without ours, which the marker tells. Where the role may not read a statement, its
  /// `queryid` is NULL; where the file of texts was lost, `query` is.
  private var recorded: SQL {
    """
    WITH recorded AS MATERIALIZED (
      SELECT s.userid, s.dbid, s.queryid, s.query, s.calls, s.rows, s.shared_blks_hit, s.local_blks_hit,
        s.shared_blks_read, s.local_blks_read, s.shared_blks_dirtied, s.local_blks_dirtied, s.shared_blks_written,
        s.local_blks_written, s.temp_blks_read, s.temp_blks_written,
    """ + times + wal + level + io + """
         FROM pg_stat_statements AS s
        WHERE s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
          AND coalesce(strpos(s.query, '/* pgadvisor */'), 0) = 0
      )

      """
  }

  private var times: SQL {
    minor >= 8
      ? " s.total_exec_time AS total, s.mean_exec_time AS mean,"
      : " s.total_time AS total, s.mean_time AS mean,"
  }

  private var wal: SQL {
    minor >= 8 ? " s.wal_records, s.wal_bytes," : " 0 AS wal_records, 0 AS wal_bytes,"
  }

  private var level: SQL { minor >= 9 ? " s.toplevel," : " true AS toplevel," }

  private var io: SQL {
    minor >= 11
      ? " s.shared_blk_read_time + s.shared_blk_write_time + s.local_blk_read_time + s.local_blk_write_time AS io"
      : " s.blk_read_time + s.blk_write_time AS io"
  }
}
