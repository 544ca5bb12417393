// `pgadvisor top`: where the server's time goes.

import Advisor
import Database
import JSON
import Terminal

struct TopCommand: Command {
  let name = "top"
  let summary = "List the statements that cost the server most."
  let arguments = "[URL]"
  let details = """
    Reads pg_stat_statements of PostgreSQL 13 to 18. By total and by mean execution time, or by share of resources: \
    a statement is listed when it takes a notable share of time, blocks accessed, read or dirtied, or WAL.
    """
  let options: [Option] = [
    Option("by", .choice(["total", "mean", "resources"]), "The order; total by default."),
    Option("limit", .integer("N"), "Statements to list; 20 by default."),
    Option("min-calls", .integer("N"), "Leave out statements called less often; 1 by default."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Done."), (.failure, "Could not examine."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor top postgres://localhost/shop", "The 20 statements with the largest total time."),
    ("pgadvisor top --by resources --json", "Shares of time, blocks and WAL, for a script."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard arguments.positionals.count <= 1 else {
      throw Refusal(message: "top takes one URL, not \(arguments.positionals.count) arguments")
    }
    let order = arguments.text("by").flatMap(TopOrder.init(rawValue:)) ?? .total
    let isJSON = try arguments.format() == "json"
    do throws(AdviceFailure) {
      let top = try await TopQueries.read(
        from: context.target(arguments.positionals.first), by: order, limit: arguments.integer("limit") ?? 20,
        minimumCalls: Int64(arguments.integer("min-calls") ?? 1))
      return context.deliver(
        isJSON ? top.json.text(pretty: true) + "\n" : top.text(style: context.style(arguments)))
    } catch {
      return context.report(error)
    }
  }
}
