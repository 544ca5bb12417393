// What to say when an extension is missing: the statement to run, and which advice works without it.

package import Database

extension ExtensionState {
  /// The schema it is installed in; nil where it is not.
  package var schema: String? { if case .installed(let schema, _) = self { schema } else { nil } }

  package var version: String? { if case .installed(_, let version) = self { version } else { nil } }
}

/// Cures for extensions that are not there.
enum ExtensionAdvice {
  static func missingHypoPG(_ server: ServerInfo) -> DatabaseError {
    let cure: String
    switch server.hypopg {
    case .installed, .available:
      cure =
        server.isInRecovery
        ? "Run CREATE EXTENSION hypopg in this database on the primary" : "Run CREATE EXTENSION hypopg in this database"
    case .missing:
      cure =
        "Install the package postgresql-\(server.majorVersion)-hypopg on the server, then run CREATE EXTENSION hypopg in this database"
    }
    return DatabaseError(
      code: .unsupported,
      message: "index advice needs the extension hypopg, which is not installed in database \(server.database)",
      advice: "\(cure); until then `pgadvisor top` and `pgadvisor explain` work")
  }

  /// nil where pg_stat_statements can be read.
  static func missingStatistics(_ server: ServerInfo) -> DatabaseError? {
    let message: String
    let cure: String
    switch (server.statStatements, server.preloadsStatStatements) {
    case (.installed, true): return nil
    case (.installed, false):
      message =
        "pg_stat_statements is installed in database \(server.database) but not preloaded, so it records nothing"
      cure = "Add it to shared_preload_libraries in postgresql.conf and restart the server"
    case (.available, true):
      message = "pg_stat_statements records, but its view is not installed in database \(server.database)"
      cure = "Run CREATE EXTENSION pg_stat_statements in this database"
    case (.available, false):
      message = "pg_stat_statements is neither preloaded nor installed in database \(server.database)"
      cure =
        "Add it to shared_preload_libraries in postgresql.conf, restart the server, then run CREATE EXTENSION pg_stat_statements"
    case (.missing, _):
      message = "pg_stat_statements is not on this server"
      cure = "Install the server's contrib package, add it to shared_preload_libraries and restart"
    }
    return DatabaseError(
      code: .unsupported, message: message,
      advice: "\(cure); until then `pgadvisor advise --file queries.sql` or `--query` work without it")
  }
}
