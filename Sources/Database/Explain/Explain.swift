// Foreign statements that are planned and never run.

/// A value bound to a parameter of a foreign statement, in the type's text form.
package struct PlanParameter: Sendable, Hashable {
  /// nil is NULL.
  package var value: String?
  /// 0 lets PostgreSQL infer the type.
  package var typeID: UInt32

  package init(value: String?, typeID: UInt32 = 0) {
    self.value = value
    self.typeID = typeID
  }
}

/// Foreign text under `EXPLAIN (FORMAT JSON)`.
///
/// It travels by the extended protocol, which takes one statement only: nothing hides behind a semicolon. After the
/// options in brackets PostgreSQL's grammar takes no `ANALYZE`, so the statement is planned and never run. What planning
/// itself evaluates (immutable functions, and stable ones for estimates) is evaluated.
/// https://www.postgresql.org/docs/current/sql-explain.html
package struct PlanRequest: Sendable, Hashable {
  package let text: String
  package let parameters: [PlanParameter]
  /// Planned without values for its parameters; needs PostgreSQL 16.
  package let isGeneric: Bool
  /// What goes to the server.
  let command: String
  /// Found once, since a request is sent many times.
  let holdsZeroByte: Bool
  let byteCount: Int

  /// Where the text begins in what is sent, in characters.
  package var textOffset: Int { command.unicodeScalars.count - text.unicodeScalars.count }

  package init(
    planning text: String, parameters: [PlanParameter] = [], isGeneric: Bool = false, isVerbose: Bool = false,
    showsSettings: Bool = false
  ) {
    var options = "FORMAT JSON"
    if isVerbose { options += ", VERBOSE" }
    if showsSettings { options += ", SETTINGS" }
    if isGeneric { options += ", GENERIC_PLAN" }
    self.init(text, under: options, parameters: parameters, isGeneric: isGeneric)
  }

  /// The same statement, asked for its price alone: in text, which both sides are done with sooner.
  ///
  /// A literal may hold a line that looks like the scan of an index, if `Scan` stands in it; and a generic plan is read by
  /// other means. These stay with JSON, where no value can forge a key.
  /// - Parameter isTimed: with how long planning takes.
  package func costing(isTimed: Bool = false) -> PlanRequest {
    let mayForge = Self.namesScan(text) || parameters.contains { $0.value.map(Self.namesScan) == true }
    if isGeneric || mayForge { return self }
    return PlanRequest(
      text, under: isTimed ? "FORMAT TEXT, SUMMARY" : "FORMAT TEXT", parameters: parameters, isGeneric: false)
  }

  /// Whether `Scan` stands anywhere, by bytes: a large workload is looked through several times.
  private static func namesScan(_ text: String) -> Bool {
    var matched = 0
    for byte in text.utf8 {
      matched = byte == scan[matched] ? matched + 1 : byte == scan[0] ? 1 : 0
      if matched == scan.count { return true }
    }
    return false
  }
  private static let scan = Array("Scan".utf8)

  /// Runs the statement: for `Session.analyze` only.
  init(analyzing text: String, parameters: [PlanParameter], timesNodes: Bool) {
    let options = "ANALYZE, BUFFERS, FORMAT JSON\(timesNodes ? "" : ", TIMING OFF")"
    self.init(text, under: options, parameters: parameters, isGeneric: false)
  }

  private init(_ text: String, under options: String, parameters: [PlanParameter], isGeneric: Bool) {
    self.text = text
    self.parameters = parameters
    self.isGeneric = isGeneric
    let command = "\(SQL.marker)EXPLAIN \(SQL.marker)(\(options)) \(text)"
    self.command = command
    holdsZeroByte = command.holdsZeroByte || parameters.contains { $0.value?.holdsZeroByte == true }
    byteCount = parameters.reduce(command.utf8.count) { $0 + ($1.value?.utf8.count ?? 0) }
  }

  /// For what is run as it stands.
  init(unchanged text: String, parameters: [PlanParameter], comment: StatementComment? = nil) {
    self.text = text
    self.parameters = parameters
    isGeneric = false
    let command = "\(SQL.marker)\(comment?.text ?? "")\(text)"
    self.command = command
    holdsZeroByte = command.holdsZeroByte || parameters.contains { $0.value?.holdsZeroByte == true }
    byteCount = parameters.reduce(command.utf8.count) { $0 + ($1.value?.utf8.count ?? 0) }
  }

  /// For `AnalyzeRequest` alone: this one is run.
  init(running text: String) {
    self.text = text
    parameters = []
    isGeneric = false
    command = "\(SQL.marker)EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) \(text)"
    holdsZeroByte = command.holdsZeroByte
    byteCount = command.utf8.count
  }
}

/// The type PostgreSQL infers for one parameter.
package struct ParameterType: Sendable, Hashable {
  package var typeID: UInt32
  /// As `format_type` writes it.
  package var name: String

  package init(typeID: UInt32, name: String) {
    self.typeID = typeID
    self.name = name
  }
}
