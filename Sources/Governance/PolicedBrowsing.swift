// What is left of the catalog's answers for a caller from whom a policy hides something.

import Database
internal import JSON

extension Governor {
  /// The rules of relations that are there for the caller; those that are not there are not in it.
  func visible(
    _ tables: Set<TableName>, under policy: EffectivePolicy, for call: GovernedCall
  ) async throws(GovernedFailure) -> [TableName: RelationRule] {
    let candidates = tables.filter { !$0.isOfSystem && policy.admits($0, under: []) }
    if candidates.isEmpty { return [:] }
    let ancestors = try await browse(.ancestors(of: candidates.map { ($0.schema, $0.name) }), for: call)
    var above: [TableName: [TableName]] = [:]
    for row in ancestors.array ?? [] {
      guard let schema = row[0]?.string, let name = row[1]?.string, let over = row[2]?.string,
        let parent = row[3]?.string
      else { continue }
      above[TableName(schema: schema, name: name), default: []].append(TableName(schema: over, name: parent))
    }
    var found: [TableName: RelationRule] = [:]
    for table in candidates where policy.admits(table, under: above[table] ?? []) {
      found[table] = policy.rule(of: table, under: above[table] ?? [])
    }
    return found
  }

  /// A list of relations without those that are not there, and without what tells how much is hidden.
  func policed(
    objects found: JSONValue, in schema: String?, under policy: EffectivePolicy, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let objects = found.array ?? []
    let names = objects.compactMap { $0.tableName(or: schema) }
    let visible = try await visible(Set(names), under: policy, for: call)
    return .array(
      objects.compactMap { object in
        guard let name = object.tableName(or: schema), let rule = visible[name] else { return nil }
        let isPlain = rule.isEmpty && object["kind"]?.string != "view"
        return isPlain ? object : object.without(["estimated_rows", "bytes", "comment"])
      })
  }

  /// A table: where it is ruled only what its columns are called and of which types they are.
  func policed(
    table found: JSONValue, named table: TableName, under policy: EffectivePolicy, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    guard let object = found.object else { return .null }
    let others =
      (object["constraints"]?.array ?? []).compactMap { $0["references"]?.splitName }
      + (object["referenced_by"]?.array ?? []).compactMap { $0["table"]?.splitName }
    let visible = try await visible(Set(others + [table]), under: policy, for: call)
    guard let rule = visible[table] else { return .null }
    func isFree(_ value: JSONValue?) -> Bool {
      guard let value, value != .null else { return true }
      return value.splitName.flatMap { visible[$0] }?.isEmpty ?? false
    }
    var kept = JSONObject()
    for (key, value) in object.entries {
      switch key {
      case "schema", "name", "kind": kept[key] = value
      case "columns": kept[key] = .array((value.array ?? []).compactMap { $0.column(under: rule) })
      case "indexes", "estimated_rows", "bytes", "comment":
        if rule.isEmpty { kept[key] = value } else if key == "indexes" { kept[key] = [] }
      case "constraints":
        kept[key] = .array(rule.isEmpty ? (value.array ?? []).filter { isFree($0["references"]) } : [])
      case "referenced_by":
        kept[key] = .array(rule.isEmpty ? (value.array ?? []).filter { isFree($0["table"]) } : [])
      default: continue
      }
    }
    return .object(kept)
  }

  /// Rows that name tables, where all of these are there as they are.
  func policed(
    keys found: JSONValue, _ names: [(schema: String, table: String)], in own: TableName?,
    under policy: EffectivePolicy, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let rows = found.array ?? []
    func tables(_ row: JSONValue) -> [TableName?] {
      names.map { key in
        guard let schema = row[key.schema]?.string, let name = row[key.table]?.string else { return nil }
        return TableName(schema: schema, name: name)
      } + (own.map { [$0] } ?? [])
    }
    let visible = try await visible(Set(rows.flatMap(tables).compactMap { $0 }), under: policy, for: call)
    return .array(rows.filter { row in tables(row).allSatisfy { $0.flatMap { visible[$0] }?.isEmpty ?? false } })
  }

  /// `[schema, name, …]`, where the relation is there.
  func policed(
    rows found: JSONValue, column: Int? = nil, under policy: EffectivePolicy, for call: GovernedCall
  ) async throws(GovernedFailure) -> JSONValue {
    let rows = found.array ?? []
    func table(_ row: JSONValue) -> TableName? {
      guard let schema = row[0]?.string, let name = row[1]?.string else { return nil }
      return TableName(schema: schema, name: name)
    }
    let visible = try await visible(Set(rows.compactMap(table)), under: policy, for: call)
    return .array(
      rows.filter { row in
        guard let rule = table(row).flatMap({ visible[$0] }) else { return false }
        return column.flatMap { row[$0]?.string }.map(rule.has) ?? true
      })
  }
}

extension JSONValue {
  fileprivate func tableName(or schema: String?) -> TableName? {
    guard let schema = self["schema"]?.string ?? schema, let name = self["name"]?.string else { return nil }
    return TableName(schema: schema, name: name)
  }

  /// `schema.table` as our own questions write it: a name with a dot in it is nobody's.
  fileprivate var splitName: TableName? {
    let parts = (string ?? "").split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 2 ? TableName(schema: String(parts[0]), name: String(parts[1])) : nil
  }

  fileprivate func column(under rule: RelationRule) -> JSONValue? {
    guard let name = self["name"]?.string, rule.has(name) else { return nil }
    if rule.isEmpty { return self }
    var kept = JSONObject()
    for key in ["name", "type", "nullable", "is_primary_key"] { if let value = self[key] { kept[key] = value } }
    if let masks = rule.masks[name] { kept["mask"] = .string(masks.map(\.mask.word).joined(separator: ", ")) }
    return .object(kept)
  }

  /// With `null` in these places.
  func without(_ keys: Set<String>) -> JSONValue {
    guard let object else { return self }
    return .object(JSONObject(object.entries.map { ($0.key, keys.contains($0.key) ? .null : $0.value) }))
  }
}
