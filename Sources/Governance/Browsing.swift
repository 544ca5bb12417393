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
    return try await browse(.schemas(allowed: allowed, includesSystem: includesSystem, selection), for: call)
  }

  /// Objects of a kind, in a schema or in all that are allowed; schemas outside of the allow-list are empty.
  package func objects(
    in schema: String?, kind: String, filter: String?, after cursor: String?, limit: Int, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    let selection = Browse.Selection(filter: filter, after: cursor, limit: limit)
    if let allowed, let schema, !allowed.contains(schema) { return .array([]) }
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

  /// Under a schema allow-list nothing is told that names another schema.
  private func withoutHidden(
    _ found: JSONValue, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    guard let allowed = try allowedSchemas(for: call) else { return found }
    let others = try await browse(.otherSchemas(than: allowed), for: call)
    let hidden = (others.array ?? []).compactMap(\.string).flatMap { ["\($0).", "\"\($0)\"."] }
    return found.without(hidden)
  }

  /// What the planner knows of a table's columns, and what has happened to it. Common values are data: they are for those
  /// who may read.
  package func statistics(
    of table: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    if let allowed = try allowedSchemas(for: call), !allowed.contains(schema) { return .null }
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
    return try await browse(
      .foreignKeys(of: table, in: schema, allowed: allowed, isIncoming: isIncoming), for: call)
  }

  /// What names and types say of a table's columns although nobody has declared it.
  package func impliedKeys(
    of table: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    if let allowed, !allowed.contains(schema) { return .array([]) }
    return try await browse(.impliedKeys(of: table, in: schema, allowed: allowed), for: call)
  }

  /// Settings that differ from PostgreSQL's defaults.
  package func settings(for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    try await browse(.settings, for: call)
  }

  /// Relations whose names may have been meant: schema, name, and whether the name alone is enough.
  package func relationNames(
    for call: GovernedCall
  ) async throws(GovernedFailure) -> [(schema: String, name: String, isNear: Bool)] {
    let found = try await browse(.relationNames(allowed: try allowedSchemas(for: call)), for: call)
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
    let found = try await browse(.columnNames(of: relations), for: call)
    return (found.array ?? []).compactMap { row in
      guard let schema = row[0]?.string, let name = row[1]?.string, let column = row[2]?.string else { return nil }
      return ("\(schema).\(name)", column)
    }
  }

  /// Functions whose names may have been meant: schema, name, arguments, and whether the name alone is enough.
  package func functionNames(
    for call: GovernedCall
  ) async throws(GovernedFailure) -> [(schema: String, name: String, arguments: String, isNear: Bool)] {
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
    try await browse(.identity, for: call)
  }

  private func browse(
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
  fileprivate func without(_ hidden: [String]) -> JSONValue {
    switch self {
    case .string(let text): hidden.contains { text.contains($0) } ? .null : self
    case .array(let elements): .array(elements.map { $0.without(hidden) }.filter { $0 != .null })
    case .object(let object): .object(JSONObject(object.entries.map { ($0.key, $0.value.without(hidden)) }))
    default: self
    }
  }
}
