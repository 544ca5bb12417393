// A catalog from a file of CREATE statements, so that cases can be read without a server.

import Database
import SQLSyntax

@testable import IndexTuner

/// Builds `Catalog` values the way a server would fill them; what CREATE cannot say stands in COMMENT ON.
struct FixtureCatalog {
  private var relations: [Relation] = []
  private var nextID: RelationID = 1_000

  static func reading(_ text: String) throws -> Catalog {
    var fixture = FixtureCatalog()
    for statement in try parse(text) { fixture.apply(statement) }
    for position in fixture.relations.indices {
      let id = fixture.relations[position].id
      fixture.relations[position].leaves = fixture.relations.filter { $0.parent == id }.map(\.id)
    }
    return Catalog(fixture.relations)
  }

  private mutating func apply(_ statement: Statement) {
    let node = statement.node
    switch node.kind {
    case .createStmt: table(node)
    case .viewStmt: view(node, statement.text)
    case .indexStmt: index(node)
    case .commentStmt: comment(node)
    default: break
    }
  }

  private mutating func add(_ node: Node, kind: Relation.Kind, columns: [Column]) -> Int {
    let schema = node.text(.schemaname)
    nextID += 1
    relations.append(
      Relation(
        id: nextID, schema: schema.isEmpty ? "public" : schema, name: node.text(.relname), kind: kind,
        columns: columns))
    return relations.count - 1
  }

  private func position(of node: Node) -> Int? {
    let schema = node.text(.schemaname)
    return position(named: node.text(.relname), schema: schema.isEmpty ? "public" : schema)
  }

  private func position(named name: String, schema: String = "public") -> Int? {
    relations.firstIndex { $0.name == name && $0.schema == schema }
  }

  private mutating func table(_ node: Node) {
    guard let name = node.child(.relation) else { return }
    var columns: [Column] = []
    var primary: [String] = []
    for element in node.children(.tableElts) {
      if element.kind == .columnDef {
        let constraints = element.children(.constraints).compactMap { $0.symbol(.contype) }
        let isKey = constraints.contains(.CONSTR_PRIMARY)
        if isKey { primary = [element.text(.colname)] }
        columns.append(
          Column(
            name: element.text(.colname), number: columns.count + 1, typeName: type(element.child(.typeName)),
            isNotNull: isKey || constraints.contains(.CONSTR_NOTNULL)))
      } else if element.symbol(.contype) == .CONSTR_PRIMARY {
        primary = element.children(.keys).map { $0.text(.sval) }
      }
    }
    let parent = node.children(.inhRelations).first.flatMap { position(of: $0) }
    if let parent { columns = relations[parent].columns }
    let isPartitioned = node.child(.partspec) != nil
    let place = add(name, kind: isPartitioned ? .partitionedTable : .table, columns: columns)
    relations[place].parent = parent.map { relations[$0].id }
    guard !primary.isEmpty else { return }
    for position in columns.indices where primary.contains(columns[position].name) {
      relations[place].columns[position].isNotNull = true
    }
    nextID += 1
    relations[place].indexes.append(
      Index(
        id: nextID, name: "\(relations[place].name)_pkey", keys: primary.map { Index.Key(column: $0, text: $0) },
        isUnique: true, isPrimary: true, isRequired: true))
  }

  private func type(_ node: Node?) -> String {
    guard let node else { return "text" }
    let name = ColumnTypes.normalized(node.children(.names).last?.text(.sval) ?? "text")
    return name + (node.children(.arrayBounds).isEmpty ? "" : "[]")
  }

  private mutating func view(_ node: Node, _ text: String) {
    guard let name = node.child(.view), let body = text.split(separator: " AS", maxSplits: 1).last else { return }
    if node.flag(.replace), let place = position(of: name) {
      relations[place].viewDefinition = String(body)
      return
    }
    let names = node.children(.aliases).map { $0.text(.sval) }
    let place = add(
      name, kind: .view,
      columns: names.enumerated().map { Column(name: $1, number: $0 + 1, typeName: "text") })
    relations[place].viewDefinition = String(body)
  }

  private mutating func index(_ node: Node) {
    guard let name = node.child(.relation), let place = position(of: name) else { return }
    let keys = node.children(.indexParams).map { element in
      let isDescending = element.symbol(.ordering) == .SORTBY_DESC
      return Index.Key(
        column: element.text(.name), text: element.text(.name), isDescending: isDescending,
        nullsFirst: isDescending)
    }
    nextID += 1
    relations[place].indexes.append(
      Index(
        id: nextID, name: node.text(.idxname), method: node.text(.accessMethod), keys: keys,
        predicate: node.child(.whereClause) == nil ? nil : "price < 1", isUnique: node.flag(.unique), bytes: 4_096))
  }

  private mutating func comment(_ node: Node) {
    let names = (node.child(.object)?.children(.items) ?? []).map { $0.text(.sval) }
    var facts: [String: Double] = [:]
    for fact in node.text(.comment).split(separator: " ") {
      let parts = fact.split(separator: "=")
      facts[String(parts[0])] = Double(parts[1]) ?? 0
      if parts[0] == "kind", let place = position(named: names.last ?? "") {
        relations[place].kind = Relation.Kind(rawValue: String(parts[1])) ?? .other
      }
    }
    if node.symbol(.objtype) == .OBJECT_COLUMN {
      guard let place = position(named: names[names.count - 2]),
        let column = relations[place].columns.firstIndex(where: { $0.name == names.last })
      else { return }
      relations[place].columns[column].distinctValues = facts["distinct"]
      relations[place].columns[column].averageWidth = facts["width"].map { Int($0) }
      relations[place].columns[column].correlation = facts["correlation"]
      relations[place].columns[column].nullFraction = facts["nulls"]
      relations[place].columns[column].sortsByByte = facts["bytewise"] == 1
      relations[place].columns[column].isSortable = facts["unsortable"] != 1
      return
    }
    let schema = names.count > 1 ? names[names.count - 2] : "public"
    guard let place = position(named: names.last ?? "", schema: schema) else { return }
    relations[place].rowEstimate = facts["rows"]
    relations[place].heapBytes = Int64(facts["bytes"] ?? 0)
  }
}
