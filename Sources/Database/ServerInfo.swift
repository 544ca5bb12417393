// What one must know of a server before asking it anything else; read once, when a session opens.

/// Whether an extension can be used in the connected database.
package enum ExtensionState: Sendable, Equatable {
  case installed(schema: String, version: String)
  /// Its files are on the server: `CREATE EXTENSION` would do.
  case available(version: String)
  /// Its package is not installed on the server.
  case missing
}

package struct ServerInfo: Sendable, Equatable {
  /// The oldest server we work with.
  package static let oldestVersion = 130_000

  /// `server_version_num`, for instance 150018.
  package var versionNumber: Int
  /// `server_version`, for instance `15.18 (Debian 15.18-0+deb12u1)`.
  package var versionText: String
  /// A replica that replays WAL: nothing can be written.
  package var isInRecovery: Bool
  package var database: String
  package var user: String
  package var isSuperuser: Bool
  /// May see other roles' statements and settings: superuser, or a member of `pg_read_all_stats`.
  package var canReadAllStats: Bool
  package var hypopg: ExtensionState
  package var statStatements: ExtensionState
  /// pg_stat_statements is in `shared_preload_libraries` of the running server.
  package var preloadsStatStatements: Bool
  package var trackIOTiming: Bool
  /// The schemas of the session's own search path that exist, without the implied `pg_catalog`.
  package var searchPath: [String]
  /// Bytes of a page.
  package var blockSize: Int
  /// A pooler such as PgBouncer stands between: another server process may answer each transaction.
  package var isPooled: Bool

  package init(
    versionNumber: Int, versionText: String = "", isInRecovery: Bool = false, database: String = "", user: String = "",
    isSuperuser: Bool = false, canReadAllStats: Bool = false, hypopg: ExtensionState = .missing,
    statStatements: ExtensionState = .missing, preloadsStatStatements: Bool = false, trackIOTiming: Bool = false,
    searchPath: [String] = ["public"], blockSize: Int = 8192, isPooled: Bool = false
  ) {
    self.versionNumber = versionNumber
    self.versionText = versionText
    self.isInRecovery = isInRecovery
    self.database = database
    self.user = user
    self.isSuperuser = isSuperuser
    self.canReadAllStats = canReadAllStats
    self.hypopg = hypopg
    self.statStatements = statStatements
    self.preloadsStatStatements = preloadsStatStatements
    self.trackIOTiming = trackIOTiming
    self.searchPath = searchPath
    self.blockSize = blockSize
    self.isPooled = isPooled
  }

  /// Major version, for instance 15.
  package var majorVersion: Int { versionNumber / 10_000 }
}

extension ServerInfo {
  private struct Row: Decodable {
    let versionNumber: Int
    let versionText: String
    let isInRecovery: Bool
    let database: String
    let user: String
    let isSuperuser: Bool
    let canReadAllStats: Bool
    let preloadsStatStatements: Bool
    let trackIOTiming: Bool
    let searchPath: [String]
    let blockSize: Int
    let processID: Int32
    let hypopgSchema: String?
    let hypopgVersion: String?
    let hypopgAvailable: String?
    let statementsSchema: String?
    let statementsVersion: String?
    let statementsAvailable: String?
  }

  /// A library's own settings are listed in `pg_settings` only once it is loaded, and unlike
  /// `shared_preload_libraries` everybody may see them. What could be installed is not asked of what is: for that the server
  /// reads every control file it has.
  private static let question: SQL = """
    SELECT pg_catalog.current_setting('server_version_num') AS "versionNumber",
      pg_catalog.current_setting('server_version') AS "versionText",
      pg_catalog.pg_is_in_recovery() AS "isInRecovery",
      pg_catalog.current_database() AS "database",
      current_user AS "user",
      pg_catalog.current_setting('is_superuser') = 'on' AS "isSuperuser",
      pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS "canReadAllStats",
      EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'pg_stat_statements.max') AS "preloadsStatStatements",
      pg_catalog.current_setting('track_io_timing') = 'on' AS "trackIOTiming",
      pg_catalog.current_schemas(false) AS "searchPath",
      pg_catalog.current_setting('block_size') AS "blockSize",
      pg_catalog.pg_backend_pid() AS "processID",
      h.schema AS "hypopgSchema", h.installed AS "hypopgVersion", h.available AS "hypopgAvailable",
      s.schema AS "statementsSchema", s.installed AS "statementsVersion", s.available AS "statementsAvailable"
    FROM (
        SELECT pg_catalog.max(n.nspname::text) AS schema, pg_catalog.max(e.extversion) AS installed,
          CASE WHEN pg_catalog.count(*) = 0 THEN (SELECT a.default_version
            FROM pg_catalog.pg_available_extensions() AS a WHERE a.name = 'hypopg') END AS available
        FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'hypopg'
      ) AS h,
      (
        SELECT pg_catalog.max(n.nspname::text) AS schema, pg_catalog.max(e.extversion) AS installed,
          CASE WHEN pg_catalog.count(*) = 0 THEN (SELECT a.default_version
            FROM pg_catalog.pg_available_extensions() AS a WHERE a.name = 'pg_stat_statements') END AS available
        FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_stat_statements'
      ) AS s
    """

  /// One round trip.
  /// - Throws: `.serverTooOld` below 13, before anything is asked.
  static func read(
    on wire: Wire, until deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation
  ) async throws(DatabaseError) -> ServerInfo {
    guard wire.serverVersion >= oldestVersion else { throw tooOld(wire.serverVersion) }
    let answers = try await wire.exchange([.step(.statement(question, []))], until: deadline)
    guard let row = try answers[0].get().rows.decoded(as: Row.self).first else {
      throw DatabaseError(code: .protocolViolation, message: "the server told nothing about itself")
    }
    return ServerInfo(
      versionNumber: row.versionNumber, versionText: row.versionText, isInRecovery: row.isInRecovery,
      database: row.database, user: row.user, isSuperuser: row.isSuperuser, canReadAllStats: row.canReadAllStats,
      hypopg: state(row.hypopgSchema, row.hypopgVersion, row.hypopgAvailable),
      statStatements: state(row.statementsSchema, row.statementsVersion, row.statementsAvailable),
      preloadsStatStatements: row.preloadsStatStatements, trackIOTiming: row.trackIOTiming,
      searchPath: row.searchPath, blockSize: row.blockSize, isPooled: row.processID != wire.backendProcess)
  }

  static func tooOld(_ version: Int) -> DatabaseError {
    let major = version >= 100_000 ? "\(version / 10_000)" : "\(version / 10_000).\(version / 100 % 100)"
    return DatabaseError(
      code: .serverTooOld, message: "the server is PostgreSQL \(major), which is older than 13",
      advice: "Use PostgreSQL 13 or newer")
  }

  private static func state(_ schema: String?, _ installed: String?, _ available: String?) -> ExtensionState {
    if let schema, let installed { return .installed(schema: schema, version: installed) }
    return available.map { .available(version: $0) } ?? .missing
  }
}
