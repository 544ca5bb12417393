// Looking around in the catalog, within the schemas that a connection allows.

import Database
package import JSON

extension Governor {
  /// Schemas with owner, kind, number of objects.
  /// - Parameters:
  ///   - filter: a part of the name, or a pattern with `%`.
  ///   - cursor: the name behind which to begin.
  package func schemas(
    includesSystem: Bool, filter: String? = nil, after cursor: String? = nil, limit: Int = 1_000, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    let selection = Browse.Selection(filter: filter, after: cursor, limit: limit)
    let found = try await browse(.schemas(allowed: allowed, includesSystem: includesSystem, selection), for: call)
    guard let policy = try hiding(from: call) else { return found }
    return .array(
      (found.array ?? []).filter {
        $0["schema_name"]?.string.map { !TableName(schema: $0, name: "").isOfSystem && policy.admits(schema: $0) }
          ?? false
      }
      .map { $0.without(["object_count", "comment"]) })
  }

  /// Objects of a kind, in a schema or in all that are allowed; schemas outside of the allow-list are empty.
  package func objects(
    in schema: String?, kind: String, filter: String?, after cursor: String?, limit: Int, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    let selection = Browse.Selection(filter: filter, after: cursor, limit: limit)
    if let allowed, let schema, !allowed.contains(schema) { return .array([]) }
    if let policy = try hiding(from: call) {
      guard Self.policedKinds.contains(kind) else { return .array([]) }
      // What is not there leaves no gap.
      let all = Browse.Selection(filter: filter, after: cursor, limit: 10_000)
      let found = try await browse(
        .objects(in: schema, allowed: allowed, kind: kind, all, hasSizes: false), for: call)
      let shown = try await policed(objects: found, in: schema, under: policy, for: call)
      return .array(Array((shown.array ?? []).prefix(limit)))
    }
    do throws(GovernedFailure) {
      let found = try await browse(.objects(in: schema, allowed: allowed, kind: kind, selection), for: call)
      // Signatures name the types of arguments.
      guard kind == "function", allowed != nil else { return found }
      let shown = try await withoutHidden(found, for: call)
      return .array((shown.array ?? []).filter { $0["name"]?.string != nil })
    } catch {
      // Somebody holds a table: its size is what has to be waited for.
      guard error.sqlState == "55P03" else { throw error }
      return try await browse(.objects(in: schema, allowed: allowed, kind: kind, selection, hasSizes: false), for: call)
    }
  }

  /// One object; `.null` where there is none.
  /// - Parameter kind: one of `Browse.kinds`.
  package func object(
    _ name: String, kind: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    if let policy = try hiding(from: call) {
      let table = TableName(schema: schema, name: name)
      guard Self.policedKinds.contains(kind), policy.admits(table, under: []), allowed?.contains(schema) ?? true else {
        return .null
      }
      let found = try await browse(.table(name, in: schema, allowed: allowed), path: allowed, for: call)
      // A view that reads what is ruled may have columns that are not there.
      if found["definition"]?.string != nil, try await isRead(table, for: call) == nil { return .null }
      let shown = try await policed(table: found, named: table, under: policy, for: call)
      let schemas = try await browse(.otherSchemas(than: []), for: call)
      let hidden = (schemas.array ?? []).compactMap(\.string).filter { !policy.admits(schema: $0) }
      return shown.withoutTexts(hidden.flatMap { ["\($0).", "\"\($0)\"."] }, except: ["type"])
    }
    if kind == "extension" { return try await browse(.extension(name, allowed: allowed), for: call) }
    if let allowed, !allowed.contains(schema) { return .null }
    let what: Browse =
      switch kind {
      case "sequence": .sequence(name, in: schema)
      case "function": .function(name, in: schema, hasBody: allowed == nil)
      case "type": .type(name, in: schema)
      case "index": .index(name, in: schema)
      default: .table(name, in: schema, allowed: allowed)
      }
    let found = try await browse(what, path: allowed, for: call)
    return try await withoutHidden(found, for: call)
  }

  /// What else there is names what a policy may hide: indexes columns, functions types, sequences tables.
  private static let policedKinds: Set<String> = [
    "table", "view", "materialized_view", "partitioned_table", "foreign_table", "relation",
  ]

  /// Whether reading a relation shows less than is stored; nil where it cannot be read at all.
  private func isRead(_ table: TableName, for call: GovernedCall) async throws(GovernedFailure) -> Bool? {
    let verdict = try await judge("SELECT FROM \(quotedName(table.schema)).\(quotedName(table.name))", for: call)
    return verdict.isRejected ? nil : verdict.policed?.hides
  }

  /// nil: nothing is hidden from the caller.
  private func hiding(from call: GovernedCall) throws(GovernedFailure) -> EffectivePolicy? {
    try policy(for: call).flatMap { $0.hides ? $0 : nil }
  }

  /// Under a schema allow-list nothing is told that names another schema.
  private func withoutHidden(
    _ found: JSONValue, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    guard let allowed = try allowedSchemas(for: call) else { return found }
    let others = try await browse(.otherSchemas(than: allowed), for: call)
    let hidden = (others.array ?? []).compactMap(\.string).flatMap { ["\($0).", "\"\($0)\"."] }
    return found.withoutTexts(hidden)
  }

  /// What the planner knows of a table's columns, and what has happened to it. Common values are data: they are for those
  /// who may read.
  package func statistics(
    of table: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    if let allowed = try allowedSchemas(for: call), !allowed.contains(schema) { return .null }
    if let policy = try hiding(from: call) {
      let name = TableName(schema: schema, name: table)
      guard try await visible([name], under: policy, for: call)[name]?.isEmpty ?? false,
        try await isRead(name, for: call) == false
      else { return .null }
    }
    let name = try connectionName(for: call)
    let mayRead = call.caller.permissions[name]?.contains(.read) ?? false
    return try await browse(.statistics(of: table, in: schema, showsValues: mayRead), for: call)
  }

  /// Declared foreign keys of a table, or of a schema.
  package func foreignKeys(
    of table: String?, in schema: String, isIncoming: Bool = false, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    if let allowed, !allowed.contains(schema) { return .array([]) }
    let found = try await browse(
      .foreignKeys(of: table, in: schema, allowed: allowed, isIncoming: isIncoming), for: call)
    guard let policy = try hiding(from: call) else { return found }
    return try await policed(
      keys: found, [("schema", "table"), ("referenced_schema", "referenced_table")], in: nil, under: policy, for: call)
  }

  /// What names and types say of a table's columns although nobody has declared it.
  package func impliedKeys(
    of table: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    if let allowed, !allowed.contains(schema) { return .array([]) }
    let found = try await browse(.impliedKeys(of: table, in: schema, allowed: allowed), for: call)
    guard let policy = try hiding(from: call) else { return found }
    return try await policed(
      keys: found, [("foreign_schema", "foreign_table")], in: TableName(schema: schema, name: table), under: policy,
      for: call)
  }

  /// Settings that differ from PostgreSQL's defaults.
  package func settings(for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    let found = try await browse(.settings, for: call)
    guard try hiding(from: call) != nil else { return found }
    return .array((found.array ?? []).filter { $0["name"]?.string != "search_path" })
  }

  /// Relations whose names may have been meant: schema, name, and whether the name alone is enough.
  package func relationNames(
    for call: GovernedCall
  ) async throws(GovernedFailure) -> [(schema: String, name: String, isNear: Bool)] {
    var found = try await browse(.relationNames(allowed: try allowedSchemas(for: call)), for: call)
    if let policy = try hiding(from: call) { found = try await policed(rows: found, under: policy, for: call) }
    return (found.array ?? []).compactMap { row in
      guard let schema = row[0]?.string, let name = row[1]?.string else { return nil }
      return (schema, name, row[2]?.bool ?? false)
    }
  }

  /// Columns of the relations that a statement touches, as far as the connection's schemas reach.
  package func columnNames(
    in verdict: Verdict, for call: GovernedCall
  ) async throws(GovernedFailure) -> [(relation: String, column: String)] {
    let allowed = try allowedSchemas(for: call)
    let relations = verdict.relations.filter { !$0.isIndirect }.compactMap { use -> (schema: String, name: String)? in
      guard let schema = use.schema, allowed?.contains(schema) ?? true else { return nil }
      return (schema, use.name)
    }
    var found = try await browse(.columnNames(of: relations), for: call)
    if let policy = try hiding(from: call) {
      found = try await policed(rows: found, column: 2, under: policy, for: call)
    }
    return (found.array ?? []).compactMap { row in
      guard let schema = row[0]?.string, let name = row[1]?.string, let column = row[2]?.string else { return nil }
      return ("\(schema).\(name)", column)
    }
  }

  /// Functions whose names may have been meant: schema, name, arguments, and whether the name alone is enough.
  package func functionNames(
    for call: GovernedCall
  ) async throws(GovernedFailure) -> [(schema: String, name: String, arguments: String, isNear: Bool)] {
    // Most of them are not available under a policy, and types of arguments name what it may hide.
    if try hiding(from: call) != nil { return [] }
    let all = try await browse(.functionNames(allowed: try allowedSchemas(for: call)), for: call)
    let found = try await withoutHidden(all, for: call)
    return (found.array ?? []).compactMap { row in
      // One that is shorter has lost what is hidden.
      guard row.array?.count == 4, let schema = row[0]?.string, let name = row[1]?.string else { return nil }
      return (schema, name, row[2]?.string ?? "", row[3]?.bool ?? false)
    }
  }

  /// Which database this is.
  package func identity(for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    let found = try await browse(.identity, for: call)
    guard let policy = try hiding(from: call), var object = found.without(["bytes"]).object else { return found }
    // Schemas that are not there are on nobody's path.
    object["search_path"] = .array(
      (object["search_path"]?.array ?? []).filter { $0.string.map { policy.admits(schema: $0) } ?? false })
    return .object(object)
  }

  func browse(
    _ what: Browse, path: [String]? = nil, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let text = try await browsed(what, path: path, for: call)
    do throws(JSONError) { return try JSONValue(parsing: Array(text.utf8)) } catch {
      throw GovernedFailure("the catalog's answer cannot be read")
    }
  }
}

extension JSONValue {
  /// Without texts that name what is hidden: definitions, defaults and the like say where it is.
  fileprivate func withoutTexts(_ hidden: [String], except kept: Set<String> = []) -> JSONValue {
    switch self {
    case .string(let text): hidden.contains { text.contains($0) } ? .null : self
    case .array(let elements): .array(elements.map { $0.withoutTexts(hidden, except: kept) }.filter { $0 != .null })
    case .object(let object):
      .object(
        JSONObject(
          object.entries.map {
            ($0.key, kept.contains($0.key) ? $0.value : $0.value.withoutTexts(hidden, except: kept))
          }))
    default: self
    }
  }
}
