// What a statement mentions, so that the catalog can be asked about it before anybody says what it does.

import Database
import SQLSyntax

/// Reads trees of PostgreSQL's own kinds; pure.
enum ChangeReader {
  static func mentions(of node: Node) -> ChangeMentions {
    var mentions = ChangeMentions()
    node.walk { node, _ in
      switch node.kind {
      case .rangeVar: add(relation(node), to: &mentions)
      case .funcCall: if let name = node.children(.funcname).last { mentions.functions.insert(name.text(.sval)) }
      case .typeName: if let name = node.children(.names).last { mentions.types.insert(name.text(.sval)) }
      case .dropStmt, .commentStmt:
        for object in named(by: node) { add(object, to: &mentions) }
      case .alterTableStmt:
        for index in indexNames(of: node) { add(index, to: &mentions) }
      default: break
      }
    }
    return mentions
  }

  private static func add(_ relation: WrittenRelation, to mentions: inout ChangeMentions) {
    guard mentions.relations.count < limit, !mentions.relations.contains(relation) else { return }
    mentions.relations.append(relation)
  }

  /// Relations of one statement that are looked up.
  private static let limit = 200

  static func relation(_ rangeVar: Node) -> WrittenRelation {
    let schema = rangeVar.text(.schemaname)
    return WrittenRelation(schema: schema.isEmpty ? nil : schema, name: rangeVar.text(.relname))
  }

  static func relation(named parts: [Node]) -> WrittenRelation? {
    let words = parts.map { $0.text(.sval) }
    guard let name = words.last, !name.isEmpty else { return nil }
    return WrittenRelation(schema: words.count > 1 ? words[words.count - 2] : nil, name: name)
  }

  /// Kinds of objects that are relations themselves.
  static let relationKinds: Set<Symbol> = [
    .OBJECT_TABLE, .OBJECT_INDEX, .OBJECT_VIEW, .OBJECT_MATVIEW, .OBJECT_SEQUENCE, .OBJECT_FOREIGN_TABLE,
  ]

  /// Kinds of objects that have no name without their relation's in front.
  static let partKinds: Set<Symbol> = [
    .OBJECT_TRIGGER, .OBJECT_POLICY, .OBJECT_RULE, .OBJECT_COLUMN, .OBJECT_TABCONSTRAINT,
  ]

  /// The relations that DROP and COMMENT name as lists of words.
  static func named(by node: Node) -> [WrittenRelation] {
    let kind = node.symbol(node.kind == .dropStmt ? .removeType : .objtype)
    guard let kind else { return [] }
    let objects = node.kind == .dropStmt ? node.children(.objects) : [node.child(.object)].compactMap { $0 }
    return objects.compactMap { object in
      guard object.kind == .list else { return nil }
      let words = object.children(.items)
      if relationKinds.contains(kind) { return relation(named: words) }
      return partKinds.contains(kind) ? relation(named: words.dropLast()) : nil
    }
  }

  private static func relation(named words: ArraySlice<Node>) -> WrittenRelation? { relation(named: Array(words)) }

  /// Of `ADD CONSTRAINT … USING INDEX` and `CLUSTER ON`: an index is where its table is.
  private static func indexNames(of node: Node) -> [WrittenRelation] {
    let schema = node.child(.relation).flatMap { relation($0).schema }
    return node.children(.cmds).compactMap { command in
      guard let name = command.child(.def)?.text(.indexname), !name.isEmpty else { return nil }
      return WrittenRelation(schema: schema, name: name)
    }
  }

  /// Names that stand in no bracket of their own: CTEs look like relations and are none.
  static func commonTableNames(in node: Node) -> Set<String> {
    Set(node.all(.commonTableExpr).map { $0.text(.ctename) })
  }
}
