// What the tools that run statements have in common: one for each permission, and one that routes.

import Governance
import JSON
import Terminal

/// The statement, its parameters and the number of rows; or the cursor behind which the next rows are.
enum StatementArguments {
  /// Whoever has a cursor need not send the statement again.
  static let sql = statement(nil)

  static func statement(_ example: JSONValue?) -> ToolParameter {
    var sql = ToolParameter.sql(example: example)
    sql.substitute = cursor.name
    return sql
  }

  static let parameters = ToolParameter(
    "parameters", aliases: ["params"], ["type": "array", "description": "Of $1, $2, …"])
  static let rows = ToolParameter(
    "max_rows", aliases: ["maxRows", "row_limit", "limit"],
    ["type": "integer", "minimum": 1])
  /// Of the text; programs read the structured content.
  static let format = ToolParameter("format", ["type": "string", "enum": ["text", "markdown", "json"]]).unlisted
  static let cursor = ToolParameter(
    "cursor", ["type": "string"])

  /// Whether the arguments run something: a cursor only reads what was kept.
  static func runs(_ arguments: ToolArguments) -> Bool { arguments.text("cursor") == nil }

  static func run(
    _ arguments: ToolArguments, in context: ToolContext, within permissions: Set<Permission>
  ) async throws(ToolFailure) -> ToolAnswer {
    if let cursor = arguments.text("cursor") {
      return try await KeptPage(cursor, in: context).answer(
        to: arguments.text("sql"), within: permissions, isJSON: arguments.text("format") == "json")
    }
    let text = arguments.text("sql") ?? ""
    let values = try values(arguments)
    let watch = RowWatch()
    context.progress.describe {
      watch.byteCount == 0 ? "no rows yet" : "\(formatBytes(Int64(watch.byteCount))) of rows"
    }
    let outcome: GovernedOutcome
    do throws(GovernedFailure) {
      outcome = try await context.governor.outcome(
        of: text, values, for: context.call, within: permissions, rows: arguments.integer("max_rows"),
        watch: watch)
    } catch {
      throw ToolFailure(error, in: text)
    }
    switch outcome {
    case .refused(let verdict): throw ToolFailure(refused: verdict, text)
    case .proposed(let verdict, let opened):
      guard let opened else { throw ToolFailure(refused: verdict, text) }
      var answer = ProposalAnswer(opened.proposal, isNew: opened.isNew).answer
      answer.asks = ApprovalForm.question(about: opened.proposal, in: context)
      return answer
    case .finished(let rows, let verdict):
      return try await answer(rows, verdict, text, isJSON: arguments.text("format") == "json", in: context)
    }
  }

  /// The first page; the others are kept for a while.
  private static func answer(
    _ rows: GovernedRows, _ verdict: Verdict, _ text: String, isJSON: Bool, in context: ToolContext
  ) async throws(ToolFailure) -> ToolAnswer {
    let pages = rows.spooled?.pages ?? []
    var cursor: String?
    if let spooled = rows.spooled, pages.count > 1 {
      do throws(GovernedFailure) { try spooled.settle() } catch { throw ToolFailure(error) }
      let kept = KeptResult(
        principal: context.call.caller.principal, connection: context.connectionName ?? "",
        policy: context.connectionName.flatMap { context.call.caller.policies[$0] },
        permissions: verdict.permissions, sql: text, columns: rows.columns, rows: spooled,
        hint: rows.resumeHint, commandTag: rows.commandTag)
      cursor = KeptPage.cursor(await context.results.keep(kept), page: 1)
    }
    let cuts: String? =
      switch rows.cutCells {
      case 0: nil
      case 1: "1 long value was cut: select parts of it with substr()"
      default: "\(rows.cutCells) long values were cut: select parts of them with substr()"
      }
    let hints = [cursor == nil ? rows.resumeHint : nil, cuts].compactMap { $0 }
    return try RowsAnswer(
      columns: rows.columns, page: pages.first, commandTag: rows.commandTag, affected: rows.affectedRows,
      isTruncated: rows.isTruncated || pages.count > 1 || rows.cutCells > 0, cursor: cursor,
      hint: hints.isEmpty ? nil : hints.joined(separator: ". "), isJSON: isJSON
    ).answer(link: cursor.flatMap { context.link(to: $0, pages[1]) })
  }

  /// Values of `$1`, `$2`, …
  static func values(_ arguments: ToolArguments) throws(ToolFailure) -> [String?] {
    try (arguments["parameters"]?.array ?? []).map { value throws(ToolFailure) in try bound(value) }
  }

  /// As PostgreSQL reads it from text.
  private static func bound(_ value: JSONValue) throws(ToolFailure) -> String? {
    switch value {
    case .null: nil
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): "\(number)"
    case .string(let text): text
    case .array, .object: value.text()
    }
  }
}

extension ToolContext {
  /// The connection that is meant: the one that was named, or the only one.
  var connectionName: String? {
    call.connection ?? (call.caller.connections.count == 1 ? call.caller.connections.first : nil)
  }

  /// The resource of kept rows, for clients that read resources.
  func link(to cursor: String, _ page: SpooledPage) -> (uri: String, page: SpooledPage)? {
    guard let connectionName, page.byteCount <= limits.resourceBytes else { return nil }
    return (ProductURI.keptRows(behind: cursor, on: connectionName), page)
  }
}
