// What every check must know of the server, read once: who asks, of whom, and how long the counters have run.

package import Database

package struct Surroundings: Sendable {
  package var server: ServerInfo
  package var platform: Platform
  /// Since when tables and indexes count their use; nil when nobody knows.
  package var usageSince: String?
  package var usageDays: Double
  package var upSeconds: Double
  /// When the server was started, by its clock: seconds since 1970. What it is does not change before the next time.
  package var startedAt: Double = 0
  /// By the server's clock, in UTC: `2026-11-21`.
  package var today: String
  /// The server's clock: seconds since 1970.
  package var clock: Double = 0
  /// May read pg_statistic.
  package var readsColumnStatistics: Bool
  /// Has pg_monitor or as much.
  package var monitors: Bool
  /// Where pg_statistic may not be read: tables whose columns pg_stats shows to this role, and all others.
  package var readableTables: Int64 = 0
  package var hiddenTables: Int64 = 0
  /// Those that checks judge, by name; none where no check of the run does.
  package var settings: [String: ServerSetting] = [:]
  /// These four only for checks that count objects.
  package var sequences: Int64 = 0
  /// Where pgstattuple is installed, and whether this role may call it.
  package var measuringSchema: String?
  package var mayMeasure = false
  /// Tables, indexes and the like, as of the last ANALYZE of the catalog.
  package var relations: Int64 = 0
  package var survey = Survey()
  /// Somebody wants what pgstattuple measures.
  package var isExact = false

  package init(
    server: ServerInfo, platform: Platform = .selfManaged, usageSince: String? = nil, usageDays: Double = 0,
    upSeconds: Double = 0, today: String = "", readsColumnStatistics: Bool = true, monitors: Bool = true
  ) {
    self.server = server
    self.platform = platform
    self.usageSince = usageSince
    self.usageDays = usageDays
    self.upSeconds = upSeconds
    self.today = today
    self.readsColumnStatistics = readsColumnStatistics
    self.monitors = monitors
  }

  /// What this role sees, in words.
  package var tier: String {
    if server.isSuperuser { return "superuser: sees everything" }
    let grants =
      monitors ? "pg_monitor: sees other sessions and all settings" : "no pg_monitor: other sessions are hidden"
    return grants
      + (readsColumnStatistics
        ? ""
        : readableTables == 0
          ? "; no SELECT on pg_statistic: bloat is not estimated"
          : "; no SELECT on pg_statistic: bloat is estimated for \(readableTables) tables that it may read")
  }

  /// Without what was counted over all tables.
  package var withoutCounts: Surroundings {
    var copy = self
    (copy.sequences, copy.relations, copy.readableTables, copy.hiddenTables) = (0, 0, 0, 0)
    copy.survey = Survey()
    return copy
  }

  /// What pg_stats keeps from this role.
  var hiddenColumns: [String] {
    guard !readsColumnStatistics, hiddenTables > 0 else { return [] }
    return ["columns of \(hiddenTables) tables that role \(server.user) may not read"]
  }

  func obstacle(to needs: [Need], _ limits: Limits) -> CheckOutcome.Status? {
    let role = quotedIdentifier(server.user)
    for need in needs {
      switch need {
      case .monitoring where !monitors:
        return .notLookedAt("role \(server.user) does not see other sessions: GRANT pg_monitor TO \(role);")
      case .superuser where !server.isSuperuser:
        return .notLookedAt(
          platform == .selfManaged
            ? "only a superuser may look"
            : "only a superuser may look, and \(platform.rawValue) makes nobody one")
      case .primary where server.isInRecovery: return .notApplicable("the server is a replica")
      case .replica where !server.isInRecovery: return .notApplicable("the server is no replica")
      case .version(let wanted) where server.versionNumber < wanted:
        return .notApplicable("PostgreSQL \(server.majorVersion) has no such thing")
      case .columnStatistics where !readsColumnStatistics && readableTables == 0 && hiddenTables > 0:
        return .notLookedAt(
          platform == .selfManaged
            ? "role \(server.user) may not read column statistics: GRANT SELECT ON pg_catalog.pg_statistic TO \(role);"
            : "role \(server.user) may read no table, and so sees no column statistics: GRANT SELECT ON ALL TABLES IN "
              + "SCHEMA … TO \(role);")
      case .matureStatistics where usageDays < limits["mature-days"]:
        return .notLookedAt(
          "usage has been counted only since \(usageSince ?? "an unknown time"), "
            + "less than \(Int(min(limits["mature-days"], 1e6))) days ago")
      case .statements:
        guard case .installed = server.statStatements, server.preloadsStatStatements else {
          return .notLookedAt("pg_stat_statements is not there; see statement-statistics")
        }
      default: continue
      }
    }
    return nil
  }
}

extension Surroundings {
  private struct Row: Decodable {
    let since: String?
    let days: Double?
    let up: Double
    let started: Double
    let today: String
    let clock: Double
    let readsColumnStatistics: Bool
    let monitors: Bool
    let sequences: Int64?
    let relations: Int64?
    let readableTables: Int64
    let hiddenTables: Int64
    let largestTable: Int64?
    let mostDeadRows: Int64?
    let blocksFetched: Double?
    let blocksHit: Double?
    let invalidIndexes: Int64?
    let measuringSchema: String?
    let mayMeasure: Bool?
  }

  /// Without OFFSET, which keeps it one, the planner would put the last subquery into both places that name it.
  ///
  /// PostgreSQL resets counters silently after a crash, and only those of fixed size note when: the oldest of these is a
  /// bound for all others. https://www.postgresql.org/docs/current/monitoring-stats.html
  /// - Parameters:
  ///   - counting: also what only checks with `countsObjects` look at.
  ///   - parts: of the survey.
  private static func question(for server: ServerInfo, counting: Bool, surveying parts: SurveyParts) -> SQL {
    everyQuestion[(counting ? 1 : 0) + (server.majorVersion >= 14 ? 2 : 0) + 4 * parts.rawValue]
  }
  private static let everyQuestion: [SQL] = (0..<4 * SurveyParts.combinations).map { kind in
    let (counting, recent, parts) = (kind & 1 != 0, kind & 2 != 0, SurveyParts(rawValue: kind >> 2))
    var text = columns + parts.columns
    if counting { text = text + counted }
    text = text + parts.origin + origin
    if recent { text = text + walPart }
    text = text + ending
    return counting ? text + measuring : text
  }
  private static let columns: SQL = """
    SELECT to_char(s.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS "since",
      extract(epoch FROM now() - s.since)::float8 / 86400 AS "days",
      extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS "up",
      extract(epoch FROM pg_postmaster_start_time())::float8 AS "started",
      to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "today", extract(epoch FROM now())::float8 AS "clock",
      has_table_privilege('pg_catalog.pg_statistic', 'SELECT') AS "readsColumnStatistics",
      pg_has_role('pg_monitor', 'USAGE') OR pg_has_role('pg_read_all_stats', 'USAGE') AS "monitors",
      t.readable AS "readableTables", t.hidden AS "hiddenTables"
    """
  private static let counted: SQL = """
    , (SELECT count(*) FROM pg_sequence) AS "sequences",
      (SELECT c.reltuples::bigint FROM pg_class AS c WHERE c.oid = 'pg_class'::regclass) AS "relations",
      m.schema AS "measuringSchema", m.may AS "mayMeasure"
    """
  private static let origin: SQL = """
     CROSS JOIN (SELECT greatest(
        (SELECT pg_stat_get_db_stat_reset_time(d.oid) FROM pg_database AS d WHERE d.datname = current_database()),
        coalesce(least(pg_stat_get_bgwriter_stat_reset_time(), (SELECT a.stats_reset FROM pg_stat_archiver AS a),
            (SELECT min(l.stats_reset) FROM pg_stat_slru AS l)
    """
  /// Since PostgreSQL 14.
  private static let walPart: SQL = ", (SELECT w.stats_reset FROM pg_stat_wal AS w)"
  private static let ending: SQL = "), pg_postmaster_start_time())) AS since OFFSET 0) AS s"
  private static let measuring: SQL = """
    \nLEFT JOIN (
      SELECT n.nspname::text AS schema, has_function_privilege(p.oid, 'EXECUTE') AS may FROM pg_extension AS x
      JOIN pg_namespace AS n ON n.oid = x.extnamespace
      JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'pgstatginindex' AND p.pronargs = 1
      WHERE x.extname = 'pgstattuple' LIMIT 1) AS m ON true
    """

  /// Read under the path that somebody else has set: nothing in it is looked for there.
  private static let manners: SQL = """
    SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
      pg_catalog.set_config('jit', 'off', true),
      pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),
      pg_catalog.set_config('TimeZone', 'UTC', true),
      pg_catalog.set_config('work_mem', greatest(65536,
        pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) OPERATOR(pg_catalog./) 1024)::pg_catalog.text,
        true)
    """

  /// What makes the session ours until the transaction ends, and asks what all checks want to know.
  /// - Parameters:
  ///   - settings: some check judges them.
  ///   - counting: some check looks at what is counted.
  ///   - parts: of the survey, that some check looks at.
  ///   - expected: what an earlier run on this server saw. Then nothing is apart: where the server runs need not be asked
  ///     again, and all may fail together. Without it, what may fail does so alone, and a savepoint is there afterwards.
  static func questions(
    for server: ServerInfo, settings: Bool, counting: Bool, surveying parts: SurveyParts,
    expecting expected: Surroundings? = nil
  ) -> [Step] {
    let first: [Step] = [
      .statement(manners, []), .statement(question(for: server, counting: counting, surveying: parts), []),
    ]
    let last: [Step] = settings ? [.statement(settingsQuestion, [])] : []
    if expected != nil { return first + last }
    // A service may keep a setting of its own to itself: then it is not known by it.
    return first + [
      .statement(PlatformMarks.question, []), .statement("SAVEPOINT pgadvisor_check", []), .boundary,
      .statement(PlatformMarks.ownSettings, []), .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_check", []),
    ] + last + [.boundary]
  }

  /// Among the questions that are apart, the one that may fail.
  static let ownPlace = 5

  /// - Parameters:
  ///   - answers: to `questions`.
  ///   - expected: as there.
  /// - Returns: also the rows of `settingsQuestion`, as they came.
  /// - Throws: `.changed` where the server was started anew since then, or the login is not what it was.
  static func read(
    _ answers: ArraySlice<Result<StepRows, DatabaseError>>, expecting expected: Surroundings? = nil,
    from server: ServerInfo
  ) throws(DatabaseError) -> (surroundings: Surroundings, settings: StepRows?) {
    let own = expected == nil ? ownPlace : nil
    for (place, answer) in answers.enumerated() where place != own { _ = try answer.get() }
    guard let row = try answers[1].get().decoded(as: Row.self).first else { throw silence }
    let platform: Platform
    if let expected {
      // What a service's roles tell depends on whether we are superuser.
      guard row.started == expected.startedAt, server.isSuperuser == expected.server.isSuperuser else {
        throw DatabaseError(code: .changed, message: "the server was started anew, or the login is another")
      }
      platform = expected.platform
    } else {
      guard var marks = try answers[2].get().decoded(as: PlatformMarks.self).first else { throw silence }
      if case .success(let rows) = answers[ownPlace] { marks.settings = try rows.decoded(as: String.self) }
      platform = Platform(marks, asSuperuser: server.isSuperuser)
    }
    // Of those that `questions` has without settings, the boundary among them.
    let others = expected == nil ? 9 : 2
    let settings = answers.count > others ? try answers[expected == nil ? 8 : 2].get() : nil
    var surroundings = Surroundings(
      server: server, platform: platform, usageSince: row.since, usageDays: row.days ?? 0, upSeconds: row.up,
      today: row.today, readsColumnStatistics: row.readsColumnStatistics, monitors: row.monitors)
    let known = try settings?.decoded(as: ServerSetting.self) ?? []
    (surroundings.sequences, surroundings.relations) = (row.sequences ?? 0, row.relations ?? 0)
    (surroundings.clock, surroundings.startedAt) = (row.clock, row.started)
    (surroundings.measuringSchema, surroundings.mayMeasure) = (row.measuringSchema, row.mayMeasure ?? false)
    (surroundings.readableTables, surroundings.hiddenTables) = (row.readableTables, row.hiddenTables)
    surroundings.survey = Survey(
      largestTable: row.largestTable, mostDeadRows: row.mostDeadRows, blocksFetched: row.blocksFetched,
      blocksHit: row.blocksHit, invalidIndexes: row.invalidIndexes)
    surroundings.settings = Dictionary(known.map { ($0.name, $0) }) { first, _ in first }
    return (surroundings, settings)
  }

  private static let silence = DatabaseError(
    code: .protocolViolation, message: "the server told nothing about itself")
}
