// A relation as name resolution needs it.

/// A row of pg_class with what the server evaluates when it is read or written.
package struct RelationEntry: Sendable, Equatable {
  /// relkind.
  package enum Kind: String, Sendable {
    case table = "r", partitionedTable = "p", view = "v", materializedView = "m", foreignTable = "f", sequence = "S"
    case index = "i", partitionedIndex = "I", toast = "t", composite = "c"
  }

  package struct Column: Sendable, Equatable {
    package var name: String
    package var type: UInt32

    package init(name: String, type: UInt32) {
      self.name = name
      self.type = type
    }
  }

  /// A generated column.
  package struct GeneratedColumn: Sendable, Equatable {
    package var name: String
    package var expression: String
  }

  package var id: UInt32
  package var schema: String
  package var name: String
  package var origin: ObjectOrigin
  package var kind: Kind
  /// Without dropped and system columns.
  package var columns: [Column]
  /// The composite type of its rows; 0 where it has none.
  package var rowType: UInt32 = 0
  /// The query of a view or materialized view, names qualified; nil for built-in ones that call nothing but harmless
  /// built-in functions, when the entry comes from the table that is built in.
  package var definition: String?
  /// `CREATE RULE …` of all rules but a view's own `_RETURN`.
  package var rules: [String]
  /// `USING` and `WITH CHECK` expressions of row policies, only while row security is on.
  package var policies: [String]
  /// Functions of enabled user triggers, and of the triggers of tables that a foreign key's action would write.
  package var triggerFunctions: [UInt32]
  /// `WHEN` conditions of these triggers, as `CREATE TRIGGER …`.
  package var triggers: [String]
  /// What a write evaluates: CHECK constraints, defaults, generated columns, index expressions and predicates.
  package var writeExpressions: [String]
  /// What also a read may evaluate, while planning: partition keys, also of what it is a partition of; CHECK constraints
  /// of children, of all tables where `constraint_exclusion` is on; columns that are computed when they are read; index
  /// expressions, predicates and extended statistics that mention functions or operators that are not built-in.
  package var readExpressions: [String]
  /// What operator classes of indexes and of the partition key, and operators of foreign keys and exclusion constraints
  /// call; only what is not built-in.
  package var accessFunctions: [UInt32]
  /// Direct children by inheritance or partitioning.
  package var children: [UInt32]
  /// Tables that a write to this one also writes, by ON DELETE and ON UPDATE actions of foreign keys.
  package var cascades: [UInt32]
  /// Direct parents by inheritance or partitioning.
  package var parents: [UInt32] = []
  /// Tables that a foreign key of this one refers to, and those whose foreign keys refer to it.
  package var keyNeighbours: [UInt32] = []
  /// The columns of the primary key.
  package var primaryKey: [String] = []
  /// What decides in which partition a row is, its own keys and those of what it is a partition of. Expressions, names
  /// quoted.
  package var partitionKeys: [String] = []
  /// Columns that are computed from others, with their expressions.
  package var generated: [GeneratedColumn] = []
  /// The foreign server and its wrapper; nil for what is no foreign table.
  package var foreignServer: String?
  package var foreignWrapper: String?

  package init(
    id: UInt32, schema: String, name: String, origin: ObjectOrigin, kind: Kind, columns: [Column] = [],
    definition: String? = nil, rules: [String] = [], policies: [String] = [], triggerFunctions: [UInt32] = [],
    triggers: [String] = [], writeExpressions: [String] = [], readExpressions: [String] = [],
    accessFunctions: [UInt32] = [], children: [UInt32] = [],
    cascades: [UInt32] = [], foreignServer: String? = nil, foreignWrapper: String? = nil
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.origin = origin
    self.kind = kind
    self.columns = columns
    self.definition = definition
    self.rules = rules
    self.policies = policies
    self.triggerFunctions = triggerFunctions
    self.triggers = triggers
    self.writeExpressions = writeExpressions
    self.readExpressions = readExpressions
    self.accessFunctions = accessFunctions
    self.children = children
    self.cascades = cascades
    self.foreignServer = foreignServer
    self.foreignWrapper = foreignWrapper
  }
}
