// A family: each member is one tool, one file, one line in AllTools.

package import Governance
package import JSON

/// One tool as the product has it.
package protocol Tool: Sendable {
  var name: String { get }
  var title: String { get }
  /// One sentence that says when to use it.
  var summary: String { get }
  var parameters: [ToolParameter] { get }
  /// The members of the structured answer, as JSON Schemas; nil where the answer has no fixed shape.
  var output: JSONObject { get }
  var hints: ToolHints { get }
  /// Any of these unlocks it; empty: every caller sees it.
  var unlockedBy: Set<Permission> { get }
  /// Whether models read of it; a name that is taken for the sake of those who know it need not be listed.
  var isListed: Bool { get }
  /// It may take longer than clients wait: then it goes on as a job.
  var isLong: Bool { get }
  /// Its call leaves its own record, by running a statement of the caller's.
  func isRecorded(_ arguments: ToolArguments) -> Bool
  /// Whether this caller sees it.
  func isUnlocked(for caller: Caller) -> Bool
  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer
}

extension Tool {
  package var isListed: Bool { true }
  package var isLong: Bool { false }
  package func isRecorded(_ arguments: ToolArguments) -> Bool { false }

  /// As listed. Arguments are checked here and not by the client: our errors say what was meant.
  /// - Parameter hasChoice: there are several connections to name.
  /// - Parameter caller: to whom the tool may mean that a person is asked.
  func description(for caller: Caller? = nil, hasChoice: Bool) -> ToolDescription {
    var properties = JSONObject()
    for parameter in parameters
    where parameter.isListed && (hasChoice || parameter.name != ToolParameter.connection.name) {
      properties[parameter.name] = .object(parameter.listed)
    }
    var input: JSONObject = ["type": "object", "properties": .object(properties)]
    let required = parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { input["required"] = .array(required) }
    var (summary, hints, output) = (summary, hints, output)
    if let caller, proposes(for: caller) {
      output["proposal"] = .object(ProposalAnswer.output)
      if !hints.isReadOnly, unlockedBy.isDisjoint(with: caller.anywhere.intersection(Permission.proposable)) {
        summary += " What changes anything does not run: it becomes a proposal that a person approves."
        hints = ToolHints(isReadOnly: false, isIdempotent: true)
      } else {
        summary += " Where you may only propose, it becomes a proposal that a person approves."
      }
    }
    return ToolDescription(
      name: name, title: title, summary: summary, input: input,
      output: ["type": "object", "properties": .object(output)], hints: hints)
  }

  private func proposes(for caller: Caller) -> Bool {
    !hints.isReadOnly && !unlockedBy.isDisjoint(with: caller.proposedAnywhere)
  }

  package func isUnlocked(for caller: Caller) -> Bool {
    unlockedBy.isEmpty || !unlockedBy.isDisjoint(with: caller.anywhere) || proposes(for: caller)
  }
}

/// One argument of a tool.
package struct ToolParameter: Sendable {
  package var name: String
  /// Other spellings that are taken: what the same thing is called elsewhere.
  package var aliases: [String]
  package var isRequired: Bool
  /// Whether models read of it; what is not listed is taken all the same, and is in the documentation.
  package var isListed = true
  /// Another argument that makes up for this one although it is listed as required.
  package var substitute: String?
  package var schema: JSONObject
  /// Puts what was sent into the form that is known, before it is checked.
  package var reading: @Sendable (JSONValue) -> JSONValue = { $0 }
  /// Words that are taken beyond those that are listed.
  package var known: Set<String> = []

  init(_ name: String, aliases: [String] = [], isRequired: Bool = false, _ schema: JSONObject) {
    self.name = name
    self.aliases = aliases
    self.isRequired = isRequired
    self.schema = schema
  }

  /// As listed: every word is read by a model with every conversation, and our errors tell the bounds of numbers.
  var listed: JSONObject {
    var listed = schema
    listed["minimum"] = nil
    listed["maximum"] = nil
    return listed
  }

  /// The same, but not listed.
  var unlisted: ToolParameter {
    var copy = self
    copy.isListed = false
    return copy
  }

  /// A name from `list_connections`.
  static let connection = ToolParameter(
    "connection", aliases: ["database"],
    ["type": "string"])

  /// How long to wait before a long call goes on as a job.
  static let patience = ToolParameter("wait_seconds", ["type": "integer", "minimum": 0, "maximum": 50]).unlisted

  static func sql(example: JSONValue? = nil) -> ToolParameter {
    var schema: JSONObject = ["type": "string"]
    if let example { schema["examples"] = .array([example]) }
    return ToolParameter("sql", aliases: ["query", "statement"], isRequired: true, schema)
  }
}

/// What a tool works with.
package struct ToolContext: Sendable {
  let call: GovernedCall
  let governor: Governor
  let clientContext: CallContext
  let limits: ProductLimits
  /// Of this program.
  let version: String
  let results: KeptResults
  let jobs: Jobs
  let reports: Reports
  /// Of the health checks, as far as they are configured.
  let thresholds: [String: Double]
  let progress: CallProgress
}

/// What a tool gives back.
package struct ToolAnswer: Sendable {
  var text: String
  var structured: JSONObject
  var isError = false
  /// The structured member `rows`, where it is kept outside of memory.
  var rows: SpooledPage?
  /// Content beside the text: `resource_link`.
  var links: [JSONValue] = []
  /// What a person may be asked before the client gets this; for clients that can ask.
  var asks: InputRequired?
  /// Of the statement that was planned, for the audit.
  var verdict: Verdict?

  init(text: String, structured: JSONObject, isError: Bool = false) {
    self.text = text
    self.structured = structured
    self.isError = isError
  }
}

/// A failure as the model sees it: what happened, where, and what to do next.
package struct ToolFailure: Error, Sendable {
  var code: String
  var message: String
  var hint: String?
  var sqlState: String?
  /// For the audit alone.
  var detail: String?
  /// The words are not PostgreSQL's: they quote nothing.
  var isOurs = false
  /// A relation that is not there, as it was written.
  var absent: String?
  /// The statement and a byte offset into it.
  var place: (text: String, offset: Int)?
  /// By which it was refused, or admitted before it failed.
  var verdict: Verdict?

  init(_ code: String, _ message: String, hint: String? = nil, sqlState: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
    self.sqlState = sqlState
  }

  init(refused verdict: Verdict, _ text: String) {
    self.init("refused", "Refused by the rule \(verdict.rule): \(verdict.message)", hint: verdict.wayOut)
    if let position = verdict.position { place = (text, position) }
    absent = verdict.absent
    self.verdict = verdict
  }

  var text: String {
    var lines: [String]
    if let sqlState, mayQuoteData {
      let shown = message.split(separator: "\n").map { visible(String($0)) }.joined(separator: "\n")
      lines = ["PostgreSQL reports SQLSTATE \(sqlState).", fenced(shown)]
    } else {
      lines = [visible(sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message)]
    }
    if let place { lines += Self.caret(in: place.text, at: place.offset) }
    if let hint { lines.append("Way out: \(visible(hint))") }
    return lines.joined(separator: "\n")
  }

  /// Messages of some classes name what the statement itself names; those of the others may quote values, or are written
  /// by whoever wrote a function.
  /// https://www.postgresql.org/docs/current/errcodes-appendix.html
  var mayQuoteData: Bool {
    guard let sqlState, !isOurs else { return false }
    return !["08", "0A", "25", "28", "3D", "3F", "40", "42", "53", "54", "55", "57"]
      .contains(String(sqlState.prefix(2)))
  }

  /// The line around an offset, and a caret under it.
  private static func caret(in text: String, at offset: Int) -> [String] {
    let bytes = Array(text.utf8)
    guard bytes.indices.contains(offset) else { return [] }
    let start = bytes[..<offset].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: 0x0a) ?? bytes.count
    let before = visible(String(decoding: bytes[max(start, offset - 60)..<offset], as: UTF8.self))
    let after = visible(String(decoding: bytes[offset..<min(end, offset + 60)], as: UTF8.self))
    return ["  \(before)\(after)", "  \(String(repeating: " ", count: before.count))^"]
  }
}
