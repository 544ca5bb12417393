// One effect that a READ ONLY transaction lets through, and how it is shown on a live server.

import Support
import Testing

/// An effect that PostgreSQL permits in a READ ONLY transaction, as the first two lines of each test say it.
struct Escape: Sendable, CustomTestStringConvertible {
  /// What a role meets that has CONNECT, USAGE and SELECT and nothing else.
  enum PlainRole: Sendable, Equatable {
    /// PostgreSQL refuses with this SQLSTATE.
    case refused(String)
    /// Nothing: the gate alone stops it.
    case notStopped
  }

  /// How the transaction is opened and closed.
  enum Frame: Sendable {
    /// BEGIN READ ONLY, a first query, the statement, ROLLBACK.
    case rolledBack
    /// The same with COMMIT at the end.
    case committed
    /// BEGIN READ ONLY and the statement at once, before anything took a snapshot.
    case beforeFirstQuery
    /// No block at all: only `default_transaction_read_only` is on.
    case sessionDefault
  }

  let name: String
  /// Judged and run as it stands. `{data}` is the server's data directory, `{server}` a connection string to it.
  let statement: String
  /// The rule by which the gate refuses it as a read.
  let rule: String
  /// Run before the transaction, in the same session, as superuser.
  var before = ""
  var frame = Frame.rolledBack
  /// A query whose last row is `t` if the effect is there, in the same transaction.
  var inside: String?
  /// The same, asked when the transaction is over: the effect is kept.
  var after: String?
  /// What psql prints, for effects that end the session or send it something.
  var said: String?
  /// What is left to do for the next one, on a session of its own.
  var cleanup = ""
  /// The first version that refuses it, and with which SQLSTATE.
  var refusedFrom: (major: Int, state: String)?
  var plain: PlainRole
  /// What stands for `statement` when the plain role tries, where that needs something it cannot have.
  var plainStatement: String?

  var testDescription: String { name }
}

/// A cluster of its own, with all that the table needs switched on.
struct ContainmentServer: Sendable {
  let cluster: ScratchCluster

  static func start() throws -> ContainmentServer {
    var options = ScratchCluster.Options()
    options.settings = ["wal_level = logical", "max_prepared_transactions = 5", "max_replication_slots = 10"]
    let server = ContainmentServer(cluster: try ScratchCluster.start(options))
    try server.cluster.run("CREATE DATABASE \(template)")
    try server.cluster.run(schema, in: template)
    return server
  }

  /// A database with a table and many extensions, in which the role `reader` may read and nothing else.
  func createDatabase(_ name: String) throws {
    // Privileges of the database itself are not copied.
    try cluster.run("CREATE DATABASE \(name) TEMPLATE \(Self.template)")
    try cluster.run("REVOKE TEMP ON DATABASE \(name) FROM PUBLIC")
  }

  private static let template = "contained"

  var majorVersion: Int {
    get throws {
      Int(try cluster.run("SELECT current_setting('server_version_num')::int / 10000").dropLast()) ?? 0
    }
  }

  /// What psql prints, errors as their SQLSTATE.
  func psql(_ script: String, in database: String, as role: String = "postgres") throws -> String {
    try runCommand(
      [
        cluster.psql, "-X", "-q", "-A", "-t", "-v", "VERBOSITY=sqlstate", "-d",
        cluster.url(database: database, role: role),
        "-f", "-",
      ], input: script
    ).text
  }

  func filledIn(_ text: String, in database: String) -> String {
    text.split(separator: "{data}", omittingEmptySubsequences: false).joined(separator: "\(cluster.directory)/data")
      .split(separator: "{server}", omittingEmptySubsequences: false)
      .joined(separator: "dbname=\(database) host=\(cluster.directory) user=postgres")
  }

  private static let schema = """
    CREATE EXTENSION IF NOT EXISTS hypopg;
    CREATE EXTENSION dblink; CREATE EXTENSION adminpack; CREATE EXTENSION pg_trgm; CREATE EXTENSION pg_surgery;
    CREATE EXTENSION pg_visibility; CREATE EXTENSION pg_prewarm; CREATE EXTENSION pg_walinspect;
    CREATE EXTENSION tablefunc; CREATE EXTENSION xml2; CREATE EXTENSION postgres_fdw;
    CREATE EXTENSION pg_stat_statements;
    CREATE TABLE t (id int PRIMARY KEY, words text);
    INSERT INTO t SELECT g, 'word ' || g FROM generate_series(1, 100) AS g;
    CREATE ROLE reader LOGIN;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
    """
}

extension Escape {
  /// The statement in its transaction, with questions between markers.
  func script(_ statement: String, asking questions: Bool) -> String {
    var lines = questions ? ["\\o /dev/null", before, "\\o"] : []
    switch frame {
    case .sessionDefault: lines.append("SET default_transaction_read_only = on;")
    case .beforeFirstQuery: lines.append("BEGIN READ ONLY;")
    case .rolledBack, .committed: lines += ["BEGIN READ ONLY;", "\\o /dev/null", "SELECT count(*) FROM t;", "\\o"]
    }
    lines += ["\\o /dev/null", "\(statement);", "\\o"]
    if questions, let inside { lines += ["\\echo inside:", "\(inside);"] }
    switch frame {
    case .sessionDefault: lines.append("RESET default_transaction_read_only;")
    case .committed: lines.append("COMMIT;")
    case .rolledBack, .beforeFirstQuery: lines.append("ROLLBACK;")
    }
    if questions, let after { lines += ["\\echo after:", "\(after);"] }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// The last line below a marker, up to the next one.
func answer(below marker: String, in output: String) -> String? {
  let lines = output.split(separator: "\n").map(String.init)
  guard let start = lines.lastIndex(of: marker) else { return nil }
  return lines[(start + 1)...].prefix { $0 != "after:" }.last { $0 == "t" || $0 == "f" }
}

/// The first SQLSTATE among psql's errors.
func firstState(in output: String) -> String? {
  for line in output.split(separator: "\n") {
    guard let place = line.range(ofWords: "ERROR:") ?? line.range(ofWords: "FATAL:") else { continue }
    return String(line[place...].drop { $0 == " " }.prefix(5))
  }
  return nil
}

extension Substring {
  /// Where the text behind the words begins.
  fileprivate func range(ofWords words: String) -> Index? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(words) { return index(start, offsetBy: words.count) }
      start = index(after: start)
    }
    return nil
  }
}
