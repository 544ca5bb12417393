// The names that a statement holds: what it is bound to when somebody approves it.

import Database
import SQLSyntax

/// Wider than what the gate looks up: also what is only dropped, renamed or commented on.
struct ChangeNames {
  private(set) var relations: Set<WrittenObject> = []
  private(set) var others: Set<WrittenObject> = []

  /// - Parameter verdict: whose relations and functions are added: what stands behind views and triggers.
  init(_ text: String, _ verdict: Verdict) {
    for use in verdict.relations { relations.insert(WrittenObject(schema: use.schema, name: use.name)) }
    for use in verdict.functions {
      // `schema.name(types)`: all functions of that name.
      let path = use.signature.prefix { $0 != "(" }.split(separator: ".").map(String.init)
      if let name = path.last { others.insert(WrittenObject(schema: path.dropLast().last, name: Self.plain(name))) }
    }
    if let statement = (try? parse(text))?.first { visit(statement.node) }
  }

  private static func plain(_ name: String) -> String {
    name.hasPrefix("\"") && name.count > 2 ? String(name.dropFirst().dropLast()) : name
  }

  /// In order, and no more than there is room for.
  /// - Throws: where it names too much to be watched.
  func lists() throws(GovernedFailure) -> (relations: [WrittenObject], others: [WrittenObject]) {
    guard relations.count + others.count <= ProposalRules.names else {
      throw GovernedFailure(
        "the statement names more than \(ProposalRules.names) objects", advice: "Propose it in parts")
    }
    return (relations.sorted(by: Self.precedes), others.sorted(by: Self.precedes))
  }

  private static func precedes(_ left: WrittenObject, _ right: WrittenObject) -> Bool {
    (left.name, left.schema ?? "") < (right.name, right.schema ?? "")
  }

  private mutating func visit(_ node: Node) {
    switch node.kind {
    case .rangeVar:
      let schema = node.text(.schemaname)
      relations.insert(WrittenObject(schema: schema.isEmpty ? nil : schema, name: node.text(.relname)))
    case .objectWithArgs: note(node.children(.objname).map { $0.text(.sval) })
    case .typeName: note(node.children(.names).map { $0.text(.sval) })
    case .dropStmt, .commentStmt, .renameStmt, .alterOwnerStmt, .alterObjectSchemaStmt, .grantStmt, .secLabelStmt,
      .alterEnumStmt, .alterTypeStmt, .alterDomainStmt, .alterExtensionContentsStmt, .createFunctionStmt:
      for field in [Field.objects, .object, .typeName, .funcname] { names(in: node, field) }
    default: break
    }
    for field in node.fields {
      switch field.value {
      case .node(let child): visit(child)
      case .list(let children): for child in children { visit(child) }
      default: continue
      }
    }
  }

  /// A name is a list of strings; objects are a list of names, or of strings.
  private mutating func names(in node: Node, _ field: Field) {
    switch node[field] {
    case .node(let child): names(of: child)
    case .list(let children):
      if children.allSatisfy({ $0.kind == .string }), !children.isEmpty {
        note(children.map { $0.text(.sval) })
      }
      for child in children { names(of: child) }
    default: return
    }
  }

  private mutating func names(of node: Node) {
    switch node.kind {
    case .string: note([node.text(.sval)])
    case .list:
      let items = node.children(.items)
      if items.allSatisfy({ $0.kind == .string }) { note(items.map { $0.text(.sval) }) }
    default: return
    }
  }

  /// `schema.name`, or `schema.table.trigger`: what the last part belongs to counts too.
  private mutating func note(_ path: [String]) {
    guard let name = path.last else { return }
    let object = WrittenObject(schema: path.dropLast().last, name: name)
    relations.insert(object)
    others.insert(object)
    if let owner = path.dropLast().last {
      relations.insert(WrittenObject(schema: path.dropLast(2).last, name: owner))
    }
  }
}
