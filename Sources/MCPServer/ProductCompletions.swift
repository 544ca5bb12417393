// What clients offer while somebody types: connections, schemas, tables, columns.

internal import Governance
internal import JSON

extension ProductService {
  private static let most = 100

  package func completions(for request: CompletionRequest, in context: CallContext) async -> [String] {
    let connections = browsable(context.caller)
    if request.argument == "connection" { return starting(with: request.value, connections) }
    let named = request.others["connection"] ?? (connections.count == 1 ? connections[0] : nil)
    guard let named, connections.contains(named) else { return [] }
    let start = ContinuousClock.now
    let call = GovernedCall(context, tool: "completion/complete", connection: named)
    do throws(GovernedFailure) {
      let found = try await names(for: request, call)
      try await governor.note(call, since: start, about: nil, .success)
      return starting(with: request.value, found)
    } catch {
      return []
    }
  }

  private func names(for request: CompletionRequest, _ call: GovernedCall) async throws(GovernedFailure) -> [String] {
    let schema = request.others["schema"] ?? "public"
    switch request.argument {
    case "schema":
      let found = try await governor.schemas(
        includesSystem: false, filter: pattern(request.value), limit: Self.most, for: call)
      return (found.array ?? []).compactMap { $0["schema_name"]?.string }
    case "table":
      let found = try await governor.objects(
        in: schema, kind: "relation", filter: pattern(request.value), after: nil, limit: Self.most, for: call)
      return (found.array ?? []).compactMap { $0["name"]?.string }
    case "column":
      guard let table = request.others["table"] else { return [] }
      let found = try await governor.object(table, kind: "table", in: schema, for: call)
      return (found["columns"]?.array ?? []).compactMap { $0["name"]?.string }
    default: return []
    }
  }

  /// What begins so, whatever it holds.
  private func pattern(_ beginning: String) -> String {
    beginning.reduce(into: "") { $0 += "\\%_".contains($1) ? "\\\($1)" : String($1) } + "%"
  }

  private func starting(with beginning: String, _ names: [String]) -> [String] {
    Array(names.filter { $0.lowercased().hasPrefix(beginning.lowercased()) }.prefix(Self.most))
  }
}
