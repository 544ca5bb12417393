// `run_ddl`: statements that define, alter or drop objects.

import Governance
import JSON

struct RunDDL: Tool {
  let name = "run_ddl"
  let title = "Change the schema"
  let summary = "Runs one statement that defines, alters or drops objects, and commits it."
  let parameters: [ToolParameter] = [
    StatementArguments.sql, StatementArguments.parameters, StatementArguments.rows, StatementArguments.cursor,
    StatementArguments.format, .connection,
  ]
  let output = RowsAnswer.output
  let hints = ToolHints(isReadOnly: false, isDestructive: true)
  let unlockedBy: Set<Permission> = [.ddl]

  func isRecorded(_ arguments: ToolArguments) -> Bool { StatementArguments.runs(arguments) }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try await StatementArguments.run(arguments, in: context, within: [.explain, .read, .ddl])
  }
}
