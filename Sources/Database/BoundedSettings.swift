// The settings under which foreign statements run, all of them local to one transaction.

/// What a foreign statement may take of the server. Where the role, the database or the server allow less, it is less.
package struct TransactionBounds: Sendable, Hashable {
  package var statementTimeout: Duration = .seconds(30)
  package var lockTimeout: Duration = .seconds(2)
  /// For the pauses between our statements.
  package var idleTimeout: Duration = .seconds(60)
  /// For all of it, from PostgreSQL 17.
  package var transactionTimeout: Duration = .seconds(300)
  /// Bytes for each sort or hash table.
  package var workMemory: Int64 = 64 << 20
  /// Bytes of temporary files; only a superuser may set it, others have what the role or server gives them.
  package var temporaryFiles: Int64 = 1 << 30
  package var parallelWorkers = 2
  /// Schemas in order; nil for the session's own. `pg_catalog` is put in front and `pg_temp` behind.
  package var searchPath: [String]?
  /// Stands in pg_stat_activity and in the server's log while the transaction lasts; PostgreSQL keeps 63 bytes of it.
  package var applicationName = "pgadvisor"

  package init() {}

  /// How long to wait for a statement that the server should have ended long ago.
  var patience: Duration { statementTimeout + .seconds(30) }

  /// The names of the ceilings and their values in the units of pg_settings.
  var values: [String?] {
    var ceilings = [
      ("work_mem", max(64, workMemory / 1_024)), ("temp_file_limit", max(0, temporaryFiles / 1_024)),
      ("max_parallel_workers_per_gather", Int64(max(0, parallelWorkers))), ("hash_mem_multiplier", 2),
    ]
    let timeouts = [
      ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
      ("idle_in_transaction_session_timeout", idleTimeout), ("transaction_timeout", transactionTimeout),
    ]
    for (name, duration) in timeouts {
      let (seconds, attoseconds) = duration.components
      // 0 would mean no limit at all, and PostgreSQL counts in 32 bits.
      let milliseconds = min(seconds, 2_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000
      ceilings.append((name, max(1, milliseconds)))
    }
    return [arrayLiteral(ceilings.map(\.0)), arrayLiteral(ceilings.map { String($0.1) }), applicationName]
  }
}

enum BoundedSettings {
  /// Remembers where the session's own names are, and steps out of there: without operators, since somebody's might be
  /// meant.
  static let path: SQL = """
    SELECT pg_catalog.set_config('pgadvisor.search_path',
        pg_catalog.current_schemas(false)::pg_catalog.text, true),
      pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)
    """

  /// The session's temporary schema stands behind all others, not in front as it does when nobody names it. `pg_catalog`
  /// is searched first without being named; named, it would be where new objects go.
  static let pinnedPath: SQL = """
    SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', (
      SELECT COALESCE(pg_catalog.string_agg(pg_catalog.quote_ident(s.name), ', ' ORDER BY s.place), 'pg_catalog')
      FROM pg_catalog.unnest(COALESCE($1::pg_catalog.text[],
          pg_catalog.current_setting('pgadvisor.search_path')::pg_catalog.text[]))
        WITH ORDINALITY AS s(name, place)
      WHERE s.name NOT IN ('pg_catalog', 'pg_temp') AND s.name NOT LIKE 'pg\\_temp\\_%'), 'pg_temp'), true)
    """

  /// Where our own questions find what they name.
  static let ownPath = "pg_catalog, pg_temp"

  /// Sets some settings by name, and the application's name and the search path, behind the columns of the first
  /// confirmation.
  /// - Returns: nil for more than there are.
  static func statement(setting count: Int) -> SQL? {
    setting(count, behind: BoundedTransaction.firstConfirmation)
  }

  /// The same where mark and configuration are known, and without an answer to them: behind the settings stands a
  /// condition (its parameter is the last one).
  static func conditional(setting count: Int) -> SQL? {
    guard conditions.indices.contains(count) else { return nil }
    return setting(count, behind: "SELECT pg_catalog.current_setting('transaction_read_only')").map {
      $0 + condition(conditions[count])
    }
  }

  private static func setting(_ count: Int, behind start: SQL) -> SQL? {
    guard count <= pairs.count else { return nil }
    return pairs.prefix(count).reduce(
      start + """
        , pg_catalog.set_config('application_name', $1, true), pg_catalog.set_config('search_path', $2, true)
        """, +)
  }

  /// Behind as many settings.
  private static let conditions: [SQL] = [
    "$3", "$5", "$7", "$9", "$11", "$13", "$15", "$17", "$19", "$21", "$23", "$25", "$27", "$29", "$31", "$33", "$35",
    "$37", "$39", "$41", "$43",
  ]

  /// Fails unless the parameter is what is the case now: see `QuickBeginning.ground`. Without operators, as
  /// everything here; and behind `DateStyle`, which says how the time is written.
  static func condition(_ parameter: SQL) -> SQL {
    ", pg_catalog.set_config('bytea_output', CASE WHEN pg_catalog.texteq(" + parameter + """
      , pg_catalog.concat_ws(' ', pg_catalog.pg_current_snapshot(), pg_catalog.pg_conf_load_time(),
          pg_catalog.current_setting('hypopg.enabled', true))) THEN pg_catalog.current_setting('bytea_output')
        ELSE 'pgadvisor: the database has changed, so the statement behind this one is judged once more' END, true)
      """
  }

  private static let pairs: [SQL] = [
    ", pg_catalog.set_config($3, $4, true)", ", pg_catalog.set_config($5, $6, true)",
    ", pg_catalog.set_config($7, $8, true)", ", pg_catalog.set_config($9, $10, true)",
    ", pg_catalog.set_config($11, $12, true)", ", pg_catalog.set_config($13, $14, true)",
    ", pg_catalog.set_config($15, $16, true)", ", pg_catalog.set_config($17, $18, true)",
    ", pg_catalog.set_config($19, $20, true)", ", pg_catalog.set_config($21, $22, true)",
    ", pg_catalog.set_config($23, $24, true)", ", pg_catalog.set_config($25, $26, true)",
    ", pg_catalog.set_config($27, $28, true)", ", pg_catalog.set_config($29, $30, true)",
    ", pg_catalog.set_config($31, $32, true)", ", pg_catalog.set_config($33, $34, true)",
    ", pg_catalog.set_config($35, $36, true)", ", pg_catalog.set_config($37, $38, true)",
    ", pg_catalog.set_config($39, $40, true)", ", pg_catalog.set_config($41, $42, true)",
  ]

  /// What `settings` has made of the ceilings and of what it pins.
  static let made: SQL = """
    SELECT s.name, pg_catalog.current_setting(s.name) AS value
    FROM (
      SELECT pg_catalog.unnest($1::pg_catalog.text[])
      UNION ALL VALUES ('standard_conforming_strings'), ('backslash_quote'), ('client_encoding'),
        ('transform_null_equals'), ('array_nulls'), ('row_security'), ('session_replication_role'),
        ('allow_system_table_mods'), ('lo_compat_privileges'), ('check_function_bodies'), ('exit_on_error'),
        ('extra_float_digits'), ('bytea_output'), ('DateStyle')
    ) AS s(name)
    WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL
    """

  /// Sets what this server has and this role may set. The answer is the names of the others.
  static func settings(on server: ServerInfo) -> SQL {
    settingColumns + (server.versionNumber >= 150_000 ? grantedSettings : superuserSettings) + settingRows
  }

  /// A ceiling applies unless a lower one stands: 0 is no timeout and -1 no limit of files.
  private static let settingColumns: SQL = """
    SELECT a.name FROM (
      SELECT s.name, CASE WHEN s.may THEN pg_catalog.set_config(s.name, CASE
          WHEN s.ceiling IS NULL THEN s.value
          WHEN s.setting::pg_catalog.numeric > s.ceiling THEN s.ceiling::pg_catalog.text
          WHEN s.setting IN ('0', '-1') AND s.name <> 'max_parallel_workers_per_gather' THEN s.ceiling::pg_catalog.text
          ELSE s.setting END, true) END AS value
      FROM (
        SELECT w.name, g.setting, w.value, w.ceiling, g.context = 'user' OR
    """

  private static let grantedSettings: SQL = " pg_catalog.has_parameter_privilege(w.name, 'SET') AS may\n"

  private static let superuserSettings: SQL = " pg_catalog.current_setting('is_superuser') = 'on' AS may\n"

  /// How text is read (the gate has read it so), how values are written (no digit is lost, and times as ISO 8601 has
  /// them), who is asked for rows, and what would make other rules apply.
  private static let settingRows: SQL = """
        FROM (
          SELECT v.name, v.value, NULL::pg_catalog.numeric AS ceiling FROM (VALUES
            ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('client_encoding', 'UTF8'),
            ('transform_null_equals', 'off'), ('array_nulls', 'on'), ('row_security', 'on'),
            ('session_replication_role', 'origin'), ('allow_system_table_mods', 'off'), ('lo_compat_privileges', 'off'),
            ('check_function_bodies', 'on'), ('exit_on_error', 'off'), ('extra_float_digits', '1'),
            ('bytea_output', 'hex'), ('DateStyle', 'ISO'), ('application_name', $3::pg_catalog.text)
          ) AS v(name, value)
          UNION ALL SELECT c.name, NULL, c.ceiling
          FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.numeric[]))
            AS c(name, ceiling)
        ) AS w JOIN pg_catalog.pg_settings AS g ON g.name = w.name OFFSET 0
      ) AS s OFFSET 0
    ) AS a WHERE a.value IS NULL ORDER BY a.name
    """
}
