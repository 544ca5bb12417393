// `write_data`: statements that change rows.

import Governance
import JSON

struct WriteData: Tool {
  let name = "write_data"
  let title = "Change data"
  let summary = "Runs one INSERT, UPDATE, DELETE or MERGE and commits it."
  let parameters: [ToolParameter] = [
    StatementArguments.sql, StatementArguments.parameters, StatementArguments.rows, StatementArguments.cursor,
    StatementArguments.format, .connection,
  ]
  let output = RowsAnswer.output
  let hints = ToolHints(isReadOnly: false, isDestructive: true)
  let unlockedBy: Set<Permission> = [.write]

  func isRecorded(_ arguments: ToolArguments) -> Bool { StatementArguments.runs(arguments) }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try await StatementArguments.run(arguments, in: context, within: [.explain, .read, .write])
  }
}
