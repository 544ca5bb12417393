// What clients attach: settings, schemas and tables, under URIs that name the connection.

package import Governance
internal import JSON

extension ProductService {
  private static let fresh = 60_000

  package func resources(for caller: Caller) async -> [ResourceDescription] {
    browsable(caller).map { name in
      ResourceDescription(
        uri: ProductURI.settings(of: name), name: "\(name) settings", title: "Settings of \(name)",
        summary: "Settings that differ from PostgreSQL's defaults.", mimeType: "application/json",
        freshMilliseconds: Self.fresh)
    }
  }

  package func resourceTemplates(for caller: Caller) -> [ResourceTemplate] {
    guard !browsable(caller).isEmpty else { return [] }
    return [
      ResourceTemplate(
        template: "pg://{connection}/schema/{schema}", name: "schema", title: "A schema",
        summary: "The tables of a schema with rows and sizes.", mimeType: "application/json"),
      ResourceTemplate(
        template: "pg://{connection}/table/{schema}/{table}", name: "table", title: "A table",
        summary: "A table with columns, indexes, constraints and the rest.", mimeType: "application/json"),
    ]
  }

  package func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? {
    guard let place = ProductURI(uri), browsable(context.caller).contains(place.connection) else { return nil }
    let start = ContinuousClock.now
    let call = GovernedCall(context, tool: "resources/read", connection: place.connection)
    do throws(GovernedFailure) {
      let found = try await contents(of: place, for: call, in: context)
      try await governor.note(call, since: start, about: nil, .success)
      guard let found else { return nil }
      return [
        ResourceContents(
          uri: uri, mimeType: "application/json", body: .text(found), freshMilliseconds: Self.fresh)
      ]
    } catch {
      return nil
    }
  }

  /// nil where there is nothing of this name.
  private func contents(
    of place: ProductURI, for call: GovernedCall, in context: CallContext
  ) async throws(GovernedFailure) -> String? {
    let found: JSONValue
    switch place.subject {
    case .settings: found = try await governor.settings(for: call)
    case .schema(let name):
      found = try await governor.objects(in: name, kind: "relation", filter: nil, after: nil, limit: 1_000, for: call)
    case .table(let schema, let name):
      found = try await governor.object(name, kind: "table", in: schema, for: call)
    case .rows(let cursor):
      return try await KeptPage(cursor, in: toolContext(call, context)).resource(on: place.connection)
    }
    return found == .null ? nil : found.text(pretty: true)
  }

  private func browsable(_ caller: Caller) -> [String] {
    caller.connections.filter { name in
      governor.has(name) && !(caller.permissions[name] ?? []).isDisjoint(with: [.explain, .read])
    }
  }

  package func completions(for request: CompletionRequest, in context: CallContext) async -> [String] {
    let connections = browsable(context.caller)
    let named = request.others["connection"] ?? (connections.count == 1 ? connections[0] : nil)
    let call = GovernedCall(
      caller: context.caller, callID: context.callID, tool: "completion/complete", connection: named)
    var found: [String] = []
    do throws(GovernedFailure) {
      switch request.argument {
      case "connection": found = connections
      case "schema":
        let schemas = try await governor.schemas(includesSystem: false, for: call)
        found = (schemas.array ?? []).compactMap { $0["schema_name"]?.string }
      case "table":
        let objects = try await governor.objects(
          in: request.others["schema"] ?? "public", kind: "table", filter: request.value, after: nil, limit: 100,
          for: call)
        found = (objects.array ?? []).compactMap { $0["name"]?.string }
      default: return []
      }
    } catch {
      return []
    }
    return Array(found.filter { $0.lowercased().hasPrefix(request.value.lowercased()) }.prefix(100))
  }
}
