// What clients attach: settings, reports, schemas, tables, columns, and rows that were read ahead.

package import Governance
internal import JSON

extension ProductService {
  /// Settings and schemas change seldom, reports when somebody asks for one, which is announced.
  private static let fresh = 60_000

  package func resources(for caller: Caller) async -> [ResourceDescription] {
    browsable(caller).flatMap { name in
      var found = [
        resource(
          ProductURI.settings(of: name), "\(name) settings", "Settings of \(name)",
          "Settings that differ from PostgreSQL's defaults.")
      ]
      if hasReports(name, caller) {
        found.append(
          resource(
            ProductURI.report(.health, of: name), "\(name) health", "Health of \(name)",
            "The last report of analyze_db_health."))
        found.append(
          resource(
            ProductURI.report(.advice, of: name), "\(name) advice", "Indexes for \(name)",
            "The last report of analyze_workload_indexes."))
      }
      return found
    }
  }

  private func resource(_ uri: String, _ name: String, _ title: String, _ summary: String) -> ResourceDescription {
    ResourceDescription(
      uri: uri, name: name, title: title, summary: summary, mimeType: "application/json", freshMilliseconds: Self.fresh)
  }

  package func resourceTemplates(for caller: Caller) -> [ResourceTemplate] {
    guard !browsable(caller).isEmpty else { return [] }
    return [
      ResourceTemplate(
        template: "pg://{connection}/schema/{schema}", name: "schema", title: "A schema",
        summary: "The tables and views of a schema with rows and sizes.", mimeType: "application/json"),
      ResourceTemplate(
        template: "pg://{connection}/table/{schema}/{table}", name: "table", title: "A table",
        summary: "A table with columns, indexes, constraints and the rest.", mimeType: "application/json"),
      ResourceTemplate(
        template: "pg://{connection}/column/{schema}/{table}/{column}", name: "column", title: "A column",
        summary: "A column with what the planner knows of its values.", mimeType: "application/json"),
    ]
  }

  package func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? {
    let start = ContinuousClock.now
    let place = ProductURI(uri)
    let call = GovernedCall(context, tool: "resources/read", connection: place?.connection)
    do throws(GovernedFailure) {
      guard let place, browsable(context.caller).contains(place.connection) else {
        throw GovernedFailure("there is no such resource for this caller")
      }
      let found = try await contents(of: place, for: call, in: context)
      let isThere = found != nil
      try await governor.note(
        call, since: start, about: nil, isThere ? .success : .failed, reason: isThere ? nil : "not there")
      guard let found else { return nil }
      return [
        ResourceContents(
          uri: uri, mimeType: "application/json", body: .text(found), freshMilliseconds: place.isFresh ? Self.fresh : 0)
      ]
    } catch {
      try? await governor.note(
        call, since: start, about: nil, .failed, reason: error.detail ?? error.sqlState ?? error.message)
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
    case .report(let kind):
      guard hasReports(place.connection, context.caller) else { return nil }
      let policy = context.caller.policies[place.connection].flatMap { $0.hides ? $0 : nil }
      return await reports.text(kind, of: place.connection, under: policy)
    case .schema(let name):
      found = try await relations(in: name, for: call)
    case .table(let schema, let name):
      found = try await governor.object(name, kind: "table", in: schema, for: call)
    case .column(let schema, let table, let name):
      found = try await column(name, of: table, in: schema, for: call)
    case .rows(let cursor):
      return try await KeptPage(cursor, in: toolContext(call, context)).resource(on: place.connection)
    }
    return found == .null ? nil : found.text(pretty: true)
  }

  /// An empty schema is there, and one that is not there is nothing.
  private func relations(in schema: String, for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    let found = try await governor.objects(
      in: schema, kind: "relation", filter: nil, after: nil, limit: 1_000, for: call)
    guard found == .array([]) else { return found }
    let schemas = try await governor.schemas(includesSystem: true, for: call)
    return schemas.array?.contains { $0["schema_name"]?.string == schema } ?? false ? found : .null
  }

  private func column(
    _ name: String, of table: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let described = try await governor.object(table, kind: "table", in: schema, for: call)
    let found = described["columns"]?.array?.first { $0["name"]?.string == name }
    guard var column = found?.object else { return .null }
    let statistics = try await governor.statistics(of: table, in: schema, for: call)
    column["statistics"] = statistics["columns"]?.array?.first { $0["name"]?.string == name } ?? .null
    return .object(column)
  }

  func browsable(_ caller: Caller) -> [String] {
    caller.connections.filter { name in
      governor.has(name) && !(caller.permissions[name] ?? []).isDisjoint(with: [.explain, .read])
    }
  }

  /// Reports are about the whole database, for those who may ask for one.
  private func hasReports(_ name: String, _ caller: Caller) -> Bool {
    guard caller.permissions[name]?.contains(.explain) ?? false, let (_, schemas) = governor.describe(name) else {
      return false
    }
    return schemas == nil
  }

  package func mayHear(of uri: String, _ caller: Caller) -> Bool {
    ProductURI(uri).map { browsable(caller).contains($0.connection) } ?? false
  }
}

extension ProductURI {
  /// Kept rows go, and reports are replaced.
  fileprivate var isFresh: Bool {
    switch subject {
    case .rows, .report: false
    default: true
    }
  }
}
