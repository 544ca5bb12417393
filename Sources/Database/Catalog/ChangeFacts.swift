// What there is around the relations that a statement is to change.

/// A relation as somebody wrote it.
package struct WrittenRelation: Sendable, Hashable {
  package var schema: String?
  package var name: String

  package init(schema: String? = nil, name: String) {
    self.schema = schema
    self.name = name
  }

  package var text: String { [schema, name].compactMap { $0 }.map(quotedIdentifier).joined(separator: ".") }
}

/// The catalog's answers, as of one moment.
package struct ChangeFacts: Sendable {
  package struct Relation: Sendable, Decodable {
    package var place: Int
    package var id: RelationID
    package var schema: String
    package var name: String
    /// `pg_class.relkind`.
    package var kind: String
    package var persistence: String
    /// Another one: its content was written anew.
    package var file: UInt32
    /// Of an index.
    package var tableID: RelationID?
    /// Of a partition.
    package var parentID: RelationID?
    package var children: Int64
    package var pages: Int64
    package var rows: Double?
    package var liveRows: Double?
    package var scans: Double
    package var writes: Double
    package var comment: String?
    package var owner: String

    package var qualifiedName: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }
    package var isIndex: Bool { kind == "i" || kind == "I" }
    package var isTable: Bool { kind == "r" || kind == "p" }
  }

  package struct Name: Sendable, Decodable {
    package var id: RelationID
    package var schema: String
    package var name: String
    package var kind: String

    package var qualifiedName: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }
  }

  package struct Column: Sendable, Decodable {
    package var relation: RelationID
    package var name: String
    package var type: String
    package var baseType: String
    package var isNotNull: Bool
    package var defaultText: String?
    package var isGenerated: Bool
    package var isIdentity: Bool
    package var comment: String?
  }

  package struct Constraint: Sendable, Decodable {
    package var name: String
    /// `pg_constraint.contype`.
    package var kind: String
    package var relation: RelationID
    package var referenced: RelationID?
    package var definition: String
    package var isValid: Bool
    package var columns: [String]
    /// Of the other table, for a foreign key.
    package var referencedColumns: [String]
    package var onDelete: String
    package var index: RelationID?
  }

  package struct Index: Sendable, Decodable {
    package var id: RelationID
    package var relation: RelationID
    package var schema: String
    package var name: String
    package var definition: String
    package var isUnique: Bool
    package var isValid: Bool
    package var isPrimary: Bool
    package var method: String
    package var isPartial: Bool
    /// Neither conditions nor expressions.
    package var isPlain: Bool
    package var columns: [String]
    package var isOfConstraint: Bool
    package var scans: Int64

    package var qualifiedName: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }
  }

  package struct Trigger: Sendable, Decodable {
    package var relation: RelationID
    package var name: String
    package var definition: String
    package var enabled: String
  }

  package struct Dependent: Sendable, Decodable {
    package var relation: RelationID
    package var column: String?
    package var schema: String
    package var name: String
    package var kind: String

    package var qualifiedName: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }
  }

  package struct Lock: Sendable, Decodable {
    package var relation: RelationID
    package var processID: Int64
    package var mode: String
    package var isGranted: Bool
    package var application: String
    package var state: String
    package var seconds: Double
  }

  package struct Server: Sendable, Decodable {
    package var countedSeconds: Double
    package var longestTransaction: Double?
    package var slots: Int64
    package var standbys: Int64
    package var isInRecovery: Bool
    package var timeZone: String
  }

  package var version: Int
  package var relations: [WrittenRelation: Relation] = [:]
  /// Others that are met on the way.
  package var names: [RelationID: Name] = [:]
  package var columns: [Column] = []
  package var constraints: [Constraint] = []
  package var indexes: [Index] = []
  package var triggers: [Trigger] = []
  package var dependents: [Dependent] = []
  package var locks: [Lock] = []
  package var sizes: [RelationID: Int64] = [:]
  package var server: Server?
  /// By name; true for what gives another value each time.
  package var volatileFunctions: [String: Bool] = [:]
  /// By name; true for those with conditions.
  package var domains: [String: Bool] = [:]
  package var blockSize: Int64 = 8_192
  /// False: somebody has locked a relation, so that not all could be looked at.
  package var isComplete = true

  package init(version: Int) { self.version = version }

  package func relation(_ written: WrittenRelation) -> Relation? { relations[written] }

  package func relation(_ id: RelationID) -> Relation? { relations.values.first { $0.id == id } }

  /// A name for a relation, met or not.
  package func name(of id: RelationID) -> String { relation(id)?.qualifiedName ?? names[id]?.qualifiedName ?? "\(id)" }

  package func columns(of id: RelationID) -> [Column] { columns.filter { $0.relation == id } }
  package func indexes(of id: RelationID) -> [Index] { indexes.filter { $0.relation == id } }
  package func constraints(of id: RelationID) -> [Constraint] { constraints.filter { $0.relation == id } }

  package func bytes(of relation: Relation) -> Int64 { sizes[relation.id] ?? relation.pages * blockSize }

  /// Nil where nobody has counted.
  package func rows(of relation: Relation) -> Double? {
    let known = max(relation.rows ?? -1, relation.liveRows ?? 0)
    return known > 0 || relation.rows != nil ? known : (sizes[relation.id] == 0 ? 0 : nil)
  }
}

/// What a statement mentions, and the catalog is to be asked about.
package struct ChangeMentions: Sendable {
  package var relations: [WrittenRelation] = []
  package var functions: Set<String> = []
  package var types: Set<String> = []

  package init() {}
}

extension Session {
  /// Two round trips; nothing waits for a lock. Inside a transaction what it has changed is seen.
  package func changeFacts(about mentions: ChangeMentions) async throws(DatabaseError) -> ChangeFacts {
    var facts = ChangeFacts(version: server.versionNumber)
    facts.blockSize = Int64(server.blockSize)
    let written = mentions.relations
    let first = try await ask([
      .statement(
        ChangeQuestions.relations,
        [arrayLiteral(written.map(\.schema)), arrayLiteral(written.map(\.name)), arrayLiteral(server.searchPath)]),
      .statement(
        ChangeQuestions.words, [arrayLiteral(mentions.functions.sorted()), arrayLiteral(mentions.types.sorted())]),
      .statement(ChangeQuestions.server, []),
    ])
    for relation in try first[0].decoded(as: ChangeFacts.Relation.self) where written.indices.contains(relation.place) {
      facts.relations[written[relation.place]] = relation
    }
    for word in try first[1].decoded(as: MarkedWord.self) {
      if word.kind == "f" {
        facts.volatileFunctions[word.name] = word.isMarked
      } else {
        facts.domains[word.name] = word.isMarked
      }
    }
    facts.server = try first[2].decoded(as: ChangeFacts.Server.self).first
    try await facts.complete(on: self)
    return facts
  }
}

extension ChangeFacts {
  fileprivate mutating func complete(on session: Session) async throws(DatabaseError) {
    var ids = Set(relations.values.map(\.id))
    for relation in relations.values { ids.formUnion([relation.tableID, relation.parentID].compactMap { $0 }) }
    if ids.isEmpty { return }
    let all = arrayLiteral(ids.sorted().map { String($0) })
    let questions: [SQL] = [
      ChangeQuestions.columns, ChangeQuestions.constraints, ChangeQuestions.indexes, ChangeQuestions.triggers,
      ChangeQuestions.dependents, ChangeQuestions.locks, ChangeQuestions.sizes,
    ]
    let answers = try await session.askEach(questions.map { .statement($0, [all]) })
    columns = try take(answers[0])
    constraints = try take(answers[1])
    indexes = try take(answers[2])
    triggers = try take(answers[3])
    dependents = try take(answers[4])
    locks = try take(answers[5])
    // Measuring opens the files: where somebody is in the way, what VACUUM has counted must do.
    if case .success(let rows) = answers[6] {
      for size in try rows.decoded(as: RelationBytes.self) { sizes[size.id] = size.bytes }
    }
    var others = Set(constraints.flatMap { [$0.relation, $0.referenced].compactMap { $0 } })
    others.formUnion(ids)
    let named = try await session.ask([
      .statement(ChangeQuestions.names, [arrayLiteral(others.sorted().map { String($0) })])
    ])
    for name in try named[0].decoded(as: Name.self) { names[name.id] = name }
  }
}

extension ChangeFacts {
  /// Definitions are written by the server with the table open: where somebody holds it, they are missing.
  private mutating func take<Row: Decodable>(_ answer: Result<StepRows, DatabaseError>) throws(DatabaseError) -> [Row] {
    if case .failure(let error) = answer, error.code == .lockTimeout {
      isComplete = false
      return []
    }
    return try answer.get().decoded(as: Row.self)
  }
}

private struct MarkedWord: Decodable {
  let kind: String
  let name: String
  let isMarked: Bool
}

private struct RelationBytes: Decodable {
  let id: RelationID
  let bytes: Int64
}
