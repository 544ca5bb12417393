// Effects in words: the id of the rule, what is said about the function, and the way out.

extension FunctionEffect {
  /// "function-wait".
  var rule: String {
    switch self {
    case .transactionID: "function-transaction-id"
    case .sqlText: "function-sql-text"
    case .chosenCode: "function-chosen-code"
    case .rawData: "function-raw-data"
    case .notCallable: "function-not-callable"
    default: "function-\(rawValue)"
    }
  }

  /// To be put behind the function's name.
  var reason: String {
    switch self {
    case .none: "reads"
    case .sensitive: "shows settings, definitions or statements of others"
    case .write: "changes data or sends messages"
    case .lock: "takes a lock that others wait for"
    case .transactionID: "assigns a transaction id"
    case .ddl: "changes the catalog"
    case .wait: "waits on purpose and holds its snapshot meanwhile"
    case .session: "changes the session"
    case .sqlText: "executes SQL that is given as text, or reads tables that are named in text"
    case .chosenCode: "runs the code of a type that data chooses"
    case .rawData: "shows raw data behind the permissions of tables"
    case .file: "reads or writes files of the server"
    case .network: "leaves the database"
    case .server: "acts on other sessions, on replication or on the server"
    case .restricted: "is not for everybody: PostgreSQL does not let PUBLIC execute it"
    case .notCallable: "is called by the server only"
    case .unknown: "is VOLATILE and was not examined"
    }
  }

  var wayOut: String? {
    switch self {
    case .none, .sensitive: nil
    case .write, .lock, .ddl, .transactionID: "Ask for it as a proposal that a person approves."
    case .sqlText: "Send the inner statement itself."
    case .wait: "Leave it out and call again later."
    default: "An operator runs it in a session of their own."
    }
  }
}
