// `execute_sql`: the familiar name; the gate's verdict and the caller's grants decide what it may do.

import Governance
import JSON

struct ExecuteSQL: Tool {
  let name = "execute_sql"
  let title = "Run SQL"
  let summary = "Runs one SQL statement of any kind that is granted to you."
  let parameters: [ToolParameter] = [
    StatementArguments.sql, StatementArguments.parameters, StatementArguments.rows, StatementArguments.cursor,
    StatementArguments.format, .connection,
  ]
  let output = RowsAnswer.output
  let hints = ToolHints(isReadOnly: false, isDestructive: true)
  let unlockedBy: Set<Permission> = [.read, .write, .ddl, .admin]

  func isRecorded(_ arguments: ToolArguments) -> Bool { StatementArguments.runs(arguments) }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try await StatementArguments.run(arguments, in: context, within: Set(Permission.allCases))
  }
}
