// What people start from a menu: prompts that name the tools and the order.

package import Governance
internal import JSON

/// A prompt of the product.
struct ProductPrompt: Sendable {
  let name: String
  let title: String
  let summary: String
  let arguments: [PromptDescription.Argument]
  let unlockedBy: Permission
  let text: @Sendable (_ arguments: [String: String]) -> String

  var description: PromptDescription {
    PromptDescription(name: name, title: title, summary: summary, arguments: arguments)
  }

  static let connection = PromptDescription.Argument(
    name: "connection", summary: "Name from list_connections; the only one when left out.", isRequired: false)

  static let all = [tune, checkup, migration]

  private static func place(_ arguments: [String: String]) -> String {
    arguments["connection"].map { " Use the connection \($0)." } ?? ""
  }

  private static let tune = ProductPrompt(
    name: "tune_query", title: "Tune a query", summary: "Find out why a query is slow and which index would help.",
    arguments: [
      .init(name: "sql", summary: "The query.", isRequired: true), connection,
    ], unlockedBy: .explain
  ) { arguments in
    """
    Tune this PostgreSQL query.\(place(arguments))

    1. explain_query without analyze: name the nodes that cost most and why.
    2. describe_table for its tables: indexes, sizes, constraints.
    3. analyze_query_indexes; try the best advice with explain_query and hypothetical_indexes.
    4. Say what to change, what it gains by the planner's figures, what it costs in disk and writes, and what was \
    not looked at. Do not create anything.

    \(visibleLines(arguments["sql"] ?? ""))
    """
  }

  private static let checkup = ProductPrompt(
    name: "weekly_checkup", title: "Weekly check-up",
    summary: "Health, heaviest statements and index advice in one report.",
    arguments: [connection], unlockedBy: .explain
  ) { arguments in
    """
    Write the weekly check-up of this PostgreSQL database.\(place(arguments))

    1. analyze_db_health: report findings worst first, with their remedy and what was not looked at.
    2. get_top_queries by resources and by mean_time: what stands out.
    3. analyze_workload_indexes: which indexes would pay, at which price.
    4. End with the three things to do first. Say since when the statistics count. Change nothing.
    """
  }

  private static let migration = ProductPrompt(
    name: "review_migration", title: "Review a migration",
    summary: "What a schema change would lock, rewrite or break, before anybody runs it.",
    arguments: [
      .init(name: "sql", summary: "The statements of the migration.", isRequired: true), connection,
    ], unlockedBy: .explain
  ) { arguments in
    """
    Review this PostgreSQL migration before it is run.\(place(arguments))

    For each statement: which lock it takes and for how long, whether the table is rewritten or scanned \
    (describe_table tells its size and use), what depends on it (find_relationships, get_foreign_keys), the safer \
    form (CONCURRENTLY, NOT VALID and VALIDATE, lock_timeout with retries), and how to undo it. Run nothing of it.

    \(visibleLines(arguments["sql"] ?? ""))
    """
  }
}

extension ProductService {
  package func prompts(for caller: Caller) -> [PromptDescription] {
    ProductPrompt.all.filter { caller.anywhere.contains($0.unlockedBy) }.map(\.description)
  }

  package func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome? {
    guard let prompt = ProductPrompt.all.first(where: { $0.name == name }),
      context.caller.anywhere.contains(prompt.unlockedBy)
    else { return nil }
    let known = prompt.arguments.map(\.name)
    if let unknown = arguments.keys.sorted().first(where: { !known.contains($0) }) {
      return .badArguments("\(name) has no argument \(visible(unknown)); it takes \(known.joined(separator: ", "))")
    }
    for argument in prompt.arguments where argument.isRequired && (arguments[argument.name] ?? "").isEmpty {
      return .badArguments("\(name) needs the argument \(argument.name)")
    }
    return .finished(
      summary: prompt.summary,
      messages: [["role": "user", "content": ["type": "text", "text": .string(prompt.text(arguments))]]])
  }
}
