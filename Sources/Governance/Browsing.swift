// Looking around in the catalog, within the schemas that a connection allows.

import Database
package import JSON

extension Governor {
  /// Schemas with owner, kind, number of objects.
  package func schemas(includesSystem: Bool, for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    return try await browse(.schemas(allowed: allowed, includesSystem: includesSystem), for: call)
  }

  /// Objects of a kind; schemas outside of the connection's allow-list are empty.
  package func objects(
    in schema: String, kind: String, filter: String?, after cursor: String?, limit: Int, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    if let allowed = try allowedSchemas(for: call), !allowed.contains(schema) { return .array([]) }
    return try await browse(
      .objects(in: schema, kind: kind, filter: filter, after: cursor, limit: limit), for: call)
  }

  /// A table with all that belongs to it; `.null` where there is none.
  package func table(
    _ name: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    if let allowed, !allowed.contains(schema) { return .null }
    return try await browse(.table(name, in: schema, allowed: allowed), for: call)
  }

  /// A sequence; `.null` where there is none.
  package func sequence(
    _ name: String, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    if let allowed = try allowedSchemas(for: call), !allowed.contains(schema) { return .null }
    return try await browse(.sequence(name, in: schema), for: call)
  }

  /// Declared foreign keys of a table, or of a schema.
  package func foreignKeys(
    of table: String?, in schema: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let allowed = try allowedSchemas(for: call)
    if let allowed, !allowed.contains(schema) { return .array([]) }
    return try await browse(.foreignKeys(of: table, in: schema, allowed: allowed), for: call)
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
    let found = try await browse(.functionNames(allowed: try allowedSchemas(for: call)), for: call)
    return (found.array ?? []).compactMap { row in
      guard let schema = row[0]?.string, let name = row[1]?.string else { return nil }
      return (schema, name, row[2]?.string ?? "", row[3]?.bool ?? false)
    }
  }

  /// Which database this is.
  package func identity(for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    try await browse(.identity, for: call)
  }

  private func browse(_ what: Browse, for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    let text = try await ask(for: call) { session in try await session.browse(what) }
    do throws(JSONError) { return try JSONValue(parsing: Array(text.utf8)) } catch {
      throw GovernedFailure("the catalog's answer cannot be read")
    }
  }
}
