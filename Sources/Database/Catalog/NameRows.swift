// The rows of name lookup, and the entries they become.

struct SurroundingsRow: Decodable, Sendable {
  var path: [String]
  var version: Int
  var triggers: [UInt32]
  var alteredTypes: [UInt32]
}

struct CastRow: Decodable, Sendable {
  var source: UInt32
  var target: UInt32
  var function: UInt32
  var context: String

  var entry: CastEntry {
    CastEntry(
      source: source, target: target, function: function, isImplicit: context == "i", isAssignment: context == "a")
  }
}

struct FunctionRow: Decodable, Sendable {
  var id: UInt32
  var schema: String
  var name: String
  var `extension`: String?
  var kind: String
  var volatility: String
  var language: String
  var isSecurityDefiner: Bool
  var isPublic: Bool
  var argumentTypes: [UInt32]
  var argumentNames: [String]
  var allArgumentNames: [String]
  var defaultCount: Int
  var defaults: String?
  var variadicType: UInt32
  var returnType: UInt32
  var allTypes: [UInt32]
  var returnsSet: Bool
  var settings: [String]
  var body: String?
  var parts: [UInt32]
  var signature: String
  var standardBody: String?

  /// A kind or volatility that is not known counts as what is trusted least.
  var entry: FunctionEntry {
    var entry = FunctionEntry(
      id: id, schema: schema, name: name, origin: ObjectOrigin(of: id, in: `extension`),
      kind: FunctionEntry.Kind(rawValue: kind) ?? .procedure,
      volatility: FunctionEntry.Volatility(rawValue: volatility) ?? .volatile, language: language,
      isSecurityDefiner: isSecurityDefiner, isPublic: isPublic, argumentTypes: argumentTypes,
      argumentNames: argumentNames, allArgumentNames: allArgumentNames, defaultCount: defaultCount, defaults: defaults,
      variadicType: variadicType, returnType: returnType, returnsSet: returnsSet, settings: settings,
      body: standardBody ?? body, isStandardBody: standardBody != nil, parts: parts, signature: signature)
    entry.allTypes = allTypes
    return entry
  }
}

struct OperatorRow: Decodable, Sendable {
  var id: UInt32
  var schema: String
  var name: String
  var `extension`: String?
  var leftType: UInt32
  var rightType: UInt32
  var resultType: UInt32
  var function: UInt32
  var estimators: [UInt32]
  var partners: [UInt32]

  var entry: OperatorEntry {
    OperatorEntry(
      id: id, schema: schema, name: name, origin: ObjectOrigin(of: id, in: `extension`), leftType: leftType,
      rightType: rightType, resultType: resultType, function: function, estimators: estimators,
      partners: partners)
  }
}

struct TypeRow: Decodable, Sendable {
  var id: UInt32
  var schema: String
  var name: String
  var `extension`: String?
  var kind: String
  var madeOf: [UInt32]
  var expressions: [String]
  var defaultExpression: String?
  var functions: [UInt32]
  var relation: UInt32

  var entry: TypeEntry {
    TypeEntry(
      id: id, schema: schema, name: name, origin: ObjectOrigin(of: id, in: `extension`),
      kind: TypeEntry.Kind(rawValue: kind) ?? .base, madeOf: madeOf, expressions: expressions,
      defaultExpression: defaultExpression, functions: functions, relation: relation)
  }
}

struct NamedRelationRow: Decodable, Sendable {
  var id: UInt32
  var schema: String
  var name: String
  var `extension`: String?
  var kind: String
  var columnNames: [String]
  var columnTypes: [UInt32]
  var rowType: UInt32
  var definition: String?
  var rules: [String]
  var policies: [String]
  var triggerFunctions: [UInt32]
  var triggers: [String]
  var writeExpressions: [String]
  var readExpressions: [String]
  var accessFunctions: [UInt32]
  var children: [UInt32]
  var cascades: [UInt32]
  var parents: [UInt32]
  var keyNeighbours: [UInt32]
  var primaryKey: [String]
  var partitionKeys: [String]
  var generatedNames: [String]
  var generatedExpressions: [String]
  var foreignServer: String?
  var foreignWrapper: String?

  /// A kind that is not known counts as a foreign table: as what is trusted least.
  var entry: RelationEntry {
    let columns = zip(columnNames, columnTypes).map { name, type in RelationEntry.Column(name: name, type: type) }
    var entry = RelationEntry(
      id: id, schema: schema, name: name, origin: ObjectOrigin(of: id, in: `extension`),
      kind: RelationEntry.Kind(rawValue: kind) ?? .foreignTable, columns: columns, definition: definition, rules: rules,
      policies: policies, triggerFunctions: triggerFunctions, triggers: triggers, writeExpressions: writeExpressions,
      readExpressions: readExpressions, accessFunctions: accessFunctions, children: children, cascades: cascades,
      foreignServer: foreignServer, foreignWrapper: foreignWrapper)
    entry.rowType = rowType
    entry.parents = parents
    entry.keyNeighbours = keyNeighbours
    entry.primaryKey = primaryKey
    entry.partitionKeys = partitionKeys
    entry.generated = zip(generatedNames, generatedExpressions).map { name, expression in
      RelationEntry.GeneratedColumn(name: name, expression: expression)
    }
    return entry
  }
}

extension ObjectOrigin {
  /// OIDs below 16384 are handed out by initdb; an extension's objects are known by their dependency on it.
  fileprivate init(of id: UInt32, in extensionName: String?) {
    if let extensionName {
      self = .fromExtension(extensionName)
    } else {
      self = id < 16_384 ? .builtIn : .user
    }
  }
}
