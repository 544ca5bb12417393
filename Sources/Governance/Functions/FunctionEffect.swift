// What calling a function does, as far as a permission depends on it.

/// The effect of a function that is known by name: PostgreSQL's own, or a member of an extension that was examined.
package enum FunctionEffect: String, Sendable, Hashable, CaseIterable {
  /// Computes, or looks at data, statistics or settings.
  case none
  /// As `none`, and what it shows is sensitive: settings, statement texts, definitions.
  case sensitive
  /// Changes data: sequences, large objects, index internals, messages to other sessions or into the log.
  case write
  /// Takes a lock that others wait for.
  case lock
  /// Assigns a transaction id.
  case transactionID
  /// Changes the catalog.
  case ddl
  /// Waits on purpose.
  case wait
  /// Changes the session: settings, random seed, snapshot, hypothetical indexes.
  case session
  /// Executes SQL given as text, or reads relations named in text.
  case sqlText
  /// Runs code chosen by data: input functions of a type given by OID, domain checks.
  case chosenCode
  /// Shows raw pages, tuples, write-ahead log or statistics values behind PostgreSQL's permissions.
  case rawData
  /// Reads or writes the server's files.
  case file
  /// Leaves the database: network, programs.
  case network
  /// Other sessions, replication, backup, configuration, internals of pg_upgrade.
  case server
  /// Not for PUBLIC: PostgreSQL itself thinks that it is not for everybody.
  case restricted
  /// Support, handler and trigger functions that no statement can call.
  case notCallable
  /// VOLATILE and not examined: a function of a newer version.
  case unknown

  package var permission: Permission {
    switch self {
    case .none, .sensitive: .read
    case .write, .lock, .transactionID: .write
    case .ddl: .ddl
    case .wait, .session, .sqlText, .chosenCode, .rawData, .file, .network, .server, .restricted, .notCallable,
      .unknown:
      .admin
    }
  }
}
