// Relations: what reading or writing one makes the server evaluate.

import Database
import SQLSyntax

extension Weigher {
  mutating func weighRelations(_ mentions: Mentions, _ path: [String], _ weighing: inout Weighing) {
    for mention in mentions.relations {
      let found = relation(mention, path)
      weighing.relations.append((mention, found))
      guard let entry = found?.entry else { continue }
      let what = "the relation \(entry.schema).\(entry.name)"
      switch mention.access {
      case .read:
        weighing.take(readImplication(entry.id), "relation-code", what, at: mention.position)
      case .refresh:
        weighing.take(refreshImplication(entry.id), "relation-code", what, at: mention.position)
      case .write:
        if entry.schema == "pg_catalog" || entry.schema == "information_schema" || entry.schema == "pg_toast" {
          weighing.need(
            .admin, "system-catalog", "\(what) belongs to the system", at: mention.position,
            wayOut: "Use the statements that PostgreSQL has for it.")
        }
        weighing.take(writeImplication(entry.id), "relation-code", what, at: mention.position)
      }
    }
  }

  /// The relation that a name means: the first along the search path.
  private mutating func relation(_ mention: Mentions.Relation, _ path: [String]) -> LoadedRelation? {
    let found = relations(named: mention.name)
    if let schema = mention.schema { return found.first { schema.names(schema: $0.entry.schema) } }
    if found.isEmpty { return nil }
    for schema in path {
      if let relation = found.first(where: { $0.entry.schema == schema }) { return relation }
    }
    return nil
  }

  mutating func readImplication(_ id: UInt32) -> Implication {
    implication(of: .readOf(id)) { weigher in
      var found = Implication()
      guard let entry = weigher.relation(id) else { return found }
      found.reads.insert(id)
      if entry.kind == .foreignTable, !weigher.options.allowedForeignServers.contains(entry.foreignServer ?? "") {
        found.require(.admin, "\(entry.name) is a foreign table of the server \(entry.foreignServer ?? "?")")
      }
      if entry.kind == .view && !Self.isGuarded(entry) {
        if let definition = entry.definition {
          found.merge(weigher.implication(ofText: definition, path: weigher.definitionPath), "the view \(entry.name)")
        } else if entry.origin != .builtIn {
          found.require(.admin, "the definition of the view \(entry.name) cannot be seen")
        }
      }
      for expression in entry.policies + entry.readExpressions {
        found.merge(
          weigher.unseen { $0.implication(ofExpression: expression, path: $0.definitionPath) },
          "a row policy or key of \(entry.name)")
      }
      for function in entry.accessFunctions {
        guard let candidate = weigher.function(function), !Self.isInstalledCode(candidate) else { continue }
        found.merge(weigher.functionImplication(function), "an operator class of \(entry.name)")
      }
      for child in entry.children {
        found.merge(weigher.readImplication(child), "a partition or child of \(entry.name)")
      }
      found.types.formUnion(entry.columns.map(\.type).filter(weigher.names.sortedTypes.contains))
      for column in entry.columns where !weigher.isPlain(column.type) {
        found.merge(weigher.typeImplication(column.type), "the type of the column \(column.name)")
      }
      // A whole row is a value as well.
      if weigher.names.castTypes.contains(entry.rowType) { found.types.insert(entry.rowType) }
      return found
    }
  }

  /// `pg_stats_ext` reads raw statistics, but shows everybody only those of tables that they may read.
  private static func isGuarded(_ entry: RelationEntry) -> Bool {
    entry.origin == .builtIn && entry.name == "pg_stats_ext"
  }

  mutating func refreshImplication(_ id: UInt32) -> Implication {
    implication(of: .refreshOf(id)) { weigher in
      var found = Implication()
      guard let definition = weigher.relation(id)?.definition else { return found }
      found.merge(weigher.implication(ofText: definition, path: weigher.definitionPath), "the materialized view")
      return found
    }
  }

  mutating func writeImplication(_ id: UInt32) -> Implication {
    implication(of: .writeOf(id)) { weigher in
      var found = weigher.readImplication(id)
      found.writes.insert(id)
      guard let entry = weigher.relation(id) else { return found }
      for function in entry.triggerFunctions {
        found.merge(weigher.functionImplication(function), "a trigger on \(entry.name)")
      }
      // A serial column names its sequence, which nobody else sees.
      for expression in entry.writeExpressions where !(weigher.looksForPolicy && Self.isNextNumber(expression)) {
        found.merge(
          weigher.implication(ofExpression: expression, path: weigher.definitionPath),
          "a constraint, default or index of \(entry.name)")
      }
      for column in entry.columns where !column.type.isBuiltIn {
        guard let expression = weigher.type(column.type)?.defaultExpression else { continue }
        found.merge(
          weigher.implication(ofExpression: expression, path: weigher.definitionPath),
          "the default of the domain of the column \(column.name)")
      }
      for text in entry.rules + entry.triggers {
        found.merge(weigher.implication(ofRule: text), "a rule or trigger of \(entry.name)")
      }
      for other in entry.cascades + entry.children {
        found.merge(weigher.writeImplication(other), "a foreign key or child of \(entry.name)")
      }
      if entry.kind == .view {
        for base in found.reads.subtracting([id]).sorted() {
          found.merge(weigher.writeImplication(base), "the view \(entry.name)")
        }
      }
      return found
    }
  }

  /// The parts of `CREATE RULE` and `CREATE TRIGGER` that are evaluated when the rule or trigger fires.
  private mutating func implication(ofRule text: String) -> Implication {
    var found = Implication()
    do throws(SyntaxError) {
      for statement in try parse(text) {
        for condition in [statement.node.child(.whereClause), statement.node.child(.whenClause)].compactMap({ $0 }) {
          found.merge(implication(of: .mentions(ofPart: condition), path: definitionPath), "its condition")
        }
        for action in statement.node.children(.actions) {
          let statement = Statement(node: action, text: "", offset: 0)
          found.merge(implication(of: StatementReader.mentions(of: statement), path: definitionPath), "its action")
        }
      }
    } catch {
      found.require(.admin, "its definition cannot be parsed: \(error.message)")
    }
    return found
  }

  /// The search path under which definitions are written out: where the catalog does it, what is not PostgreSQL's own is
  /// qualified.
  var definitionPath: [String] { names.surroundings?.definitionPath ?? ["pg_catalog"] }
}

extension Mentions {
  static func mentions(ofPart node: Node) -> Mentions { StatementReader.mentions(ofPart: node) }
}

extension UInt32 {
  /// OIDs below this are handed out by initdb: `FirstNormalObjectId`.
  var isBuiltIn: Bool { self < 16_384 }
}
