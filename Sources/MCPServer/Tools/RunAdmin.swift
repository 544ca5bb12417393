// `run_admin`: what needs the strongest permission.

import Governance
import JSON

struct RunAdmin: Tool {
  let name = "run_admin"
  let title = "Administer"
  let summary = "Runs one statement that acts on the server or that nobody could prove harmless."
  let parameters: [ToolParameter] = [
    StatementArguments.sql, StatementArguments.parameters, StatementArguments.rows, StatementArguments.cursor,
    StatementArguments.format, .connection,
  ]
  let output = RowsAnswer.output
  let hints = ToolHints(isReadOnly: false, isDestructive: true)
  let unlockedBy: Set<Permission> = [.admin]

  func isRecorded(_ arguments: ToolArguments) -> Bool { StatementArguments.runs(arguments) }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try await StatementArguments.run(arguments, in: context, within: Set(Permission.allCases))
  }
}
