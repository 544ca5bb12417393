// Where to connect: a URL, a connection string, a database name, or nothing at all.

internal import CLibPQ

/// A place to connect to. May hold a password; never shows it.
package struct ConnectionTarget: Sendable, Equatable, CustomStringConvertible {
  /// nil: libpq's defaults, the PG* variables and service files.
  let text: String?
  /// Takes the place of one in the text.
  private let password: String?

  /// - Parameters:
  ///   - url: `postgresql://…`, `host=… dbname=…`, or a database name; nil or empty for libpq's own defaults.
  ///   - password: kept apart from the URL.
  package init(url: String?, password: String? = nil) {
    text = url == "" ? nil : url
    self.password = password
  }

  /// What a service file says under this name. https://www.postgresql.org/docs/current/libpq-pgservice.html
  package init(service: String, password: String? = nil) {
    let escaped = service.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
    self.init(url: "service='\(escaped)'", password: password)
  }

  /// The keywords that are given, without their values: `password` is among them where the text has one.
  /// - Throws: `.invalidTarget`, in words that hold nothing of the text when that may hold a password.
  package func keywords() throws(DatabaseError) -> Set<String> { Set(try options().keys) }

  package var description: String { displayName }

  /// For people: role, host, port and database as far as they are known before connecting; never a password.
  package var displayName: String {
    guard let given = try? options() else { return "the given connection string" }
    let defaults = Self.read { PQconndefaults() }
    func value(_ keyword: String) -> String? { given[keyword] ?? defaults[keyword] }
    if let service = given["service"] { return "service \(service)" }
    let host = value("host") ?? value("hostaddr") ?? "local socket"
    let place = host.contains(":") && !host.contains(",") && !host.hasPrefix("/") ? "[\(host)]" : host
    let port = value("port").map { $0 == "5432" ? "" : ":\($0)" } ?? ""
    let role = value("user").map { "\($0)@" } ?? ""
    let database = value("dbname") ?? value("user")
    return "\(role)\(place)\(port)\(database.map { "/\($0)" } ?? "")"
  }

  /// The keywords and values for `PQconnectStartParams`.
  var startParameters: [(keyword: String, value: String)] {
    // The one start-up parameter we ask for; poolers know it. All else is set inside transactions.
    (text.map { [("dbname", $0)] } ?? []) + (password.map { [("password", $0)] } ?? []) + [("client_encoding", "UTF8")]
  }

  /// `connect_timeout`, where it is given and limits anything.
  var timeout: Duration? {
    guard let seconds = (try? options())?["connect_timeout"].flatMap({ Int($0) }), seconds > 0 else { return nil }
    return .seconds(seconds)
  }

  /// What was given, by keyword.
  /// - Throws: `.invalidTarget`, in words that hold nothing of the text when that may hold a password.
  func options() throws(DatabaseError) -> [String: String] {
    guard let text else { return [:] }
    if text.holdsZeroByte { throw malformed(nil) }
    let isURL = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    if !isURL && text.contains("://") {
      throw DatabaseError(
        code: .invalidTarget, message: "the connection URL does not begin with postgresql://", advice: Self.form)
    }
    if !isURL && !text.contains("=") { return ["dbname": text] }
    if isURL && Self.hasStrayAt(text) { throw malformed(nil) }
    var message: UnsafeMutablePointer<CChar>?
    defer { PQfreemem(message) }
    let parsed = Self.read { PQconninfoParse(text, &message) }
    if let message { throw malformed(oneLine(String(cString: message))) }
    if let port = parsed["port"], !port.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2c }) {
      throw malformed("the port is no number")
    }
    return parsed
  }

  /// An unencoded `@` or `/` in a password makes libpq take the rest of it for a host or a database, and say so.
  private static func hasStrayAt(_ url: String) -> Bool {
    let place = url.prefix { $0 != "?" }.drop { $0 != "/" }.dropFirst(2)
    let authority = place.prefix { $0 != "/" }
    return place.count { $0 == "@" } > 1 || (place.contains("@") && !authority.contains("@"))
  }

  private func malformed(_ reason: String?) -> DatabaseError {
    let mayTellReason = text.map { !$0.contains("@") && !$0.contains("password") } ?? true
    let detail = mayTellReason ? reason.map { ": \($0)" } ?? "" : ""
    return DatabaseError(
      code: .invalidTarget, message: "the connection string is malformed\(detail)",
      advice: "\(Self.form); percent-encode special characters, for instance @ in a password as %40")
  }

  private static let form = "Write postgresql://role@host:5432/database?sslmode=verify-full, or host=… dbname=… user=…"

  private static func read(_ options: () -> UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
    guard let first = options() else { return [:] }
    defer { PQconninfoFree(first) }
    var values: [String: String] = [:]
    var option = first
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return values
  }
}
