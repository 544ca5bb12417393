// `query`: statements that read.

import Governance
import JSON

struct Query: Tool {
  let name = "query"
  let title = "Run a query"
  let summary = "Runs one SQL statement that only reads and returns its rows."
  let parameters: [ToolParameter] = [
    StatementArguments.statement("SELECT count(*) FROM orders"), StatementArguments.parameters, StatementArguments.rows,
    StatementArguments.cursor,
    StatementArguments.format, .connection,
  ]
  let output = RowsAnswer.output
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.read]

  func isRecorded(_ arguments: ToolArguments) -> Bool { StatementArguments.runs(arguments) }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try await StatementArguments.run(arguments, in: context, within: [.explain, .read])
  }
}
