// What keeps people from connecting, and what to do about it: one cause and one cure.

/// Turns libpq's account of a failed connection into an error that helps.
///
/// Servers report a SQLSTATE, which is in every language the same; libpq's own words are English, since nothing here
/// sets a locale.
enum ConnectionAdvice {
  static func timedOut(_ target: ConnectionTarget) -> DatabaseError {
    DatabaseError(
      code: .connectTimeout, message: "no answer from \(target.displayName) in time",
      advice: "Check host, port and firewall")
  }

  static func error(for failure: ConnectionAttempt.Failure) -> DatabaseError {
    let reports = failure.message.split(separator: "\n").compactMap { ServerReport(line: $0, of: failure.message) }
    // A second attempt, without TLS, may hide what was wrong with the first.
    if let report = reports.first(where: { $0.state == "28P01" }) ?? reports.first {
      return error(for: report, among: reports, failure)
    }
    return localError(failure)
  }

  // MARK: - What a server said

  private static func error(
    for report: ServerReport, among reports: [ServerReport], _ failure: ConnectionAttempt.Failure
  ) -> DatabaseError {
    let user = quotedIdentifier(failure.user ?? "")
    func error(_ code: DatabaseError.Code, _ advice: String) -> DatabaseError {
      DatabaseError(
        code: code, message: "\(report.message) (\(place(failure)))", sqlState: report.state, advice: advice)
    }
    switch report.state {
    case "28P01":
      let source = failure.message.contains("password retrieved from file")
      return error(
        .wrongPassword,
        source
          ? "Correct the line in the password file (~/.pgpass), or set PGPASSWORD"
          : "Check role and password; PGPASSWORD or ~/.pgpass keep it out of the command line")
    case "28000": return refusal(report, among: reports, error)
    case "3D000": return error(.noSuchDatabase, "Check the database's name at the end of the URL; psql -l lists them")
    case "42501":
      return error(
        .loginNotPermitted,
        "As the database's owner: GRANT CONNECT ON DATABASE \(quotedIdentifier(failure.database ?? "")) TO \(user)")
    case "53300":
      return error(.tooManyConnections, "Close idle sessions, connect through the pooler, or raise max_connections")
    case "57P03":
      return report.message.contains("shutting down")
        ? error(.shuttingDown, "Try again when the server is up")
        : error(.startingUp, "Try again in a moment; if it stays so, the server's log tells why")
    case "08P01": return poolerRefusal(report, error)
    default: return error(.connectionFailed, "The server's log tells more")
    }
  }

  /// SQLSTATE 28000 has many causes; where the words are not English the place in the server's source tells.
  private static func refusal(
    _ report: ServerReport, among reports: [ServerReport], _ error: (DatabaseError.Code, String) -> DatabaseError
  ) -> DatabaseError {
    if report.routine == "InitializeSessionUserId" {
      return report.message.contains("not permitted")
        ? error(.loginNotPermitted, "Give the role LOGIN, or connect as another")
        : error(.noSuchRole, "Check the role's name, or create it")
    }
    let messages = reports.map(\.message)
    let isHBA = messages.contains { $0.contains("pg_hba.conf") } || report.routine == "ClientAuthentication"
    guard isHBA else {
      return error(
        .authenticationFailed,
        report.message.contains("Peer") || report.message.contains("Ident")
          ? "Run as the operating-system user of the role's name, or connect over TCP with a password (host=localhost)"
          : "pg_hba.conf on the server says how this role must authenticate")
    }
    let isUnencrypted = messages.allSatisfy { $0.contains("no encryption") || $0.contains("SSL off") }
    return isUnencrypted
      ? error(.tlsRequired, "Add sslmode=require; if that is refused too, pg_hba.conf needs a line for this client")
      : error(
        .refusedByHBA, "Let this role, database and address in with a line in the server's pg_hba.conf, and reload")
  }

  /// PgBouncer reports most of its refusals as a protocol violation, in English.
  private static func poolerRefusal(
    _ report: ServerReport, _ error: (DatabaseError.Code, String) -> DatabaseError
  ) -> DatabaseError {
    let message = report.message.lowercased()
    if message.contains("startup parameter") {
      return error(
        .startupParameterRefused,
        "Take options and PGOPTIONS out of the connection, or add them to ignore_startup_parameters of the pooler")
    }
    if message.contains("no such database") {
      return error(.noSuchDatabase, "Check the database's name; the pooler's [databases] section lists those it knows")
    }
    if message.contains("no such user") { return error(.noSuchRole, "Check the role's name in the pooler's user list") }
    if message.contains("ssl required") || message.contains("tls required") {
      return error(.tlsRequired, "Add sslmode=require")
    }
    if message.contains("no more connections") {
      return error(.tooManyConnections, "Close idle sessions, or raise max_client_conn of the pooler")
    }
    if message.contains("auth") || message.contains("password") {
      return error(.wrongPassword, "Check role and password, also in the pooler's user list")
    }
    return error(.connectionFailed, "The pooler's log tells more")
  }

  // MARK: - What libpq said

  private static func localError(_ failure: ConnectionAttempt.Failure) -> DatabaseError {
    let place = place(failure)
    for rule in LocalRule.all where rule.words.contains(where: { failure.message.contains($0) }) {
      let detail = rule.showsDetail ? ": \(firstReason(failure.message))" : ""
      return DatabaseError(code: rule.code, message: "\(rule.cause(place))\(detail)", advice: rule.advice)
    }
    if failure.lacksPassword {
      return DatabaseError(
        code: .passwordMissing, message: "\(place) asks for a password and none was given",
        advice: "Set PGPASSWORD, or add a line to ~/.pgpass")
    }
    return DatabaseError(
      code: .connectionFailed, message: "no connection to \(place): \(firstReason(failure.message))",
      advice: "Check host, port and the server's log")
  }

  /// The first line, without the part that says where, since we say that ourselves.
  private static func firstReason(_ message: String) -> String {
    let line = message.split(separator: "\n").first.map(String.init) ?? ""
    guard line.hasPrefix("connection to server"), let end = line.firstRange(of: " failed: ") else {
      return trimmed(line)
    }
    return trimmed(line[end.upperBound...])
  }

  private static func place(_ failure: ConnectionAttempt.Failure) -> String {
    let host = failure.host ?? "local socket"
    let port = failure.port ?? "5432"
    let server = host.hasPrefix("/") ? "socket \(host)/.s.PGSQL.\(port)" : "\(host):\(port)"
    let role = failure.user.map { "\($0)@" } ?? ""
    return host.hasPrefix("/")
      ? "\(server), role \(failure.user ?? ""), database \(failure.database ?? "")"
      : "\(role)\(server)/\(failure.database ?? "")"
  }
}

/// One FATAL line of a server, in libpq's verbose form: `… FATAL:  28P01: password authentication failed …`.
struct ServerReport {
  let state: String
  let message: String
  /// The function of the server's source that refused, from the LOCATION line behind.
  let routine: String?

  init?(line: some StringProtocol, of account: String) {
    guard let (state, message) = Self.stateAndMessage(String(line)) else { return nil }
    self.state = state
    self.message = message
    let rest = account.split(separator: "\n").drop { $0 != line }
    routine = rest.first { $0.hasPrefix("LOCATION:  ") }
      .flatMap { $0.dropFirst(11).split(separator: ",").first.map(String.init) }
  }

  /// The severity is in the server's language, so the state is looked for by its form: five capitals or digits between
  /// two blanks and a colon.
  private static func stateAndMessage(_ line: String) -> (String, String)? {
    let parts = line.split(separator: ":", omittingEmptySubsequences: false)
    for position in parts.indices.dropFirst() {
      let word = trimmed(parts[position])
      let isState =
        word.utf8.count == 5
        && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) }
      guard isState, parts[position].hasPrefix("  "), position + 1 < parts.endIndex else { continue }
      return (word, trimmed(parts[(position + 1)...].joined(separator: ":")))
    }
    return nil
  }
}
