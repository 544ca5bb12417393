// What names mean in a live catalog: the rows that name resolution needs, as values.

/// A name of one or two parts as the parser gives it: decoded, case-sensitive.
package struct ObjectName: Sendable, Hashable {
  /// nil: to be looked up along the search path.
  package var schema: String?
  package var name: String

  package init(_ name: String, in schema: String? = nil) {
    self.schema = schema
    self.name = name
  }
}

/// What to look up, answered in one round trip. Names are looked up in every schema; whoever asked applies the search
/// path.
package struct NameQuestion: Sendable, Equatable {
  /// Bare names.
  package var functions: Set<String> = []
  package var operators: Set<String> = []
  package var types: Set<String> = []
  package var relations: Set<String> = []
  package var functionIDs: Set<UInt32> = []
  package var typeIDs: Set<UInt32> = []
  package var relationIDs: Set<UInt32> = []

  package init() {}

  package var isEmpty: Bool {
    functions.isEmpty && operators.isEmpty && types.isEmpty && relations.isEmpty && functionIDs.isEmpty
      && typeIDs.isEmpty && relationIDs.isEmpty
  }
}

/// The answer; a name or OID without an entry does not exist.
package struct NameAnswer: Sendable, Equatable {
  package var functions: [FunctionEntry] = []
  package var operators: [OperatorEntry] = []
  package var types: [TypeEntry] = []
  package var relations: [RelationEntry] = []

  package init() {}
}

/// What holds for the whole database: asked once for each snapshot.
package struct NameSurroundings: Sendable, Equatable {
  /// `current_schemas(true)`: with `pg_catalog` and, if there is one, the session's temporary schema.
  package var searchPath: [String] = []
  /// Under which definitions of views and expressions are written out.
  package var definitionPath = ["pg_catalog"]
  package var casts: [CastEntry] = []
  /// Default operator classes of users for built-in types.
  package var operatorClasses: [OperatorClassEntry] = []
  /// Functions of enabled event triggers.
  package var eventTriggerFunctions: [UInt32] = []
  /// Built-in domains to which somebody has added a constraint.
  package var alteredTypes: Set<UInt32> = []
  /// Of the server, as 150020.
  package var versionNumber = 0

  package init() {}
}

/// A built-in type with a default operator class that is not built-in.
package struct OperatorClassEntry: Sendable, Equatable, Decodable {
  package var type: UInt32
  package var arrayType: UInt32
  /// Those of the class's family that are not built-in.
  package var functions: [UInt32]

  package init(type: UInt32, arrayType: UInt32, functions: [UInt32]) {
    self.type = type
    self.arrayType = arrayType
    self.functions = functions
  }
}

/// Where an object comes from.
package enum ObjectOrigin: Sendable, Hashable {
  /// Made by initdb: its OID is below 16384.
  case builtIn
  /// A member of this extension.
  case fromExtension(String)
  case user
}

/// A row of pg_proc.
package struct FunctionEntry: Sendable, Equatable {
  package enum Kind: String, Sendable { case function = "f", procedure = "p", aggregate = "a", window = "w" }
  package enum Volatility: String, Sendable { case immutable = "i", stable = "s", volatile = "v" }

  package var id: UInt32
  package var schema: String
  package var name: String
  package var origin: ObjectOrigin
  package var kind: Kind
  package var volatility: Volatility
  /// "internal", "c", "sql", "plpgsql", …
  package var language: String
  package var isSecurityDefiner: Bool
  /// PUBLIC may execute it.
  package var isPublic: Bool
  /// proargtypes: the input arguments, a VARIADIC one as its array type.
  package var argumentTypes: [UInt32]
  /// Names of the input arguments, "" where there is none; empty when no argument has a name.
  package var argumentNames: [String]
  /// Of all arguments, also OUT and TABLE: what a body may name. Without empty ones.
  package var allArgumentNames: [String]
  /// How many of the last arguments have defaults.
  package var defaultCount: Int
  /// The expressions of `DEFAULT`, as SQL with qualified names; nil where there is none.
  package var defaults: String?
  /// The element type of a VARIADIC argument; 0 where there is none.
  package var variadicType: UInt32
  package var returnType: UInt32
  /// Of OUT, INOUT and TABLE arguments, and of the others; only those that are not built-in.
  package var allTypes: [UInt32] = []
  package var returnsSet: Bool
  /// proconfig: "search_path=app, pg_temp".
  package var settings: [String]
  /// prosrc of functions in SQL and PL/pgSQL and of users' ones in `internal` (there the name of the server's function), or the
  /// SQL-standard body (`RETURN …`, `BEGIN ATOMIC … END`).
  package var body: String?
  package var isStandardBody: Bool
  /// The functions of an aggregate: transition, final, combine, serial, deserial, and the moving ones. Of other
  /// functions those of the operators in their defaults and standard bodies.
  package var parts: [UInt32]
  /// `schema.name(type, type)` of the input arguments, names quoted unless they are plain words; what an operator allows.
  package var signature: String

  package init(
    id: UInt32, schema: String, name: String, origin: ObjectOrigin, kind: Kind = .function,
    volatility: Volatility, language: String, isSecurityDefiner: Bool = false, isPublic: Bool = true,
    argumentTypes: [UInt32], argumentNames: [String] = [], allArgumentNames: [String] = [], defaultCount: Int = 0,
    defaults: String? = nil, variadicType: UInt32 = 0, returnType: UInt32, returnsSet: Bool = false,
    settings: [String] = [], body: String? = nil, isStandardBody: Bool = false, parts: [UInt32] = [], signature: String
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.origin = origin
    self.kind = kind
    self.volatility = volatility
    self.language = language
    self.isSecurityDefiner = isSecurityDefiner
    self.isPublic = isPublic
    self.argumentTypes = argumentTypes
    self.argumentNames = argumentNames
    self.allArgumentNames = allArgumentNames
    self.defaultCount = defaultCount
    self.defaults = defaults
    self.variadicType = variadicType
    self.returnType = returnType
    self.returnsSet = returnsSet
    self.settings = settings
    self.body = body
    self.isStandardBody = isStandardBody
    self.parts = parts
    self.signature = signature
  }
}

/// A row of pg_operator.
package struct OperatorEntry: Sendable, Equatable {
  package var id: UInt32
  package var schema: String
  package var name: String
  package var origin: ObjectOrigin
  /// 0 for a prefix operator.
  package var leftType: UInt32
  package var rightType: UInt32
  package var resultType: UInt32
  package var function: UInt32
  /// Selectivity estimators, which run while planning; without zeroes.
  package var estimators: [UInt32]
  /// The functions of its commutator and its negator, which the planner may put in its place; without built-in ones.
  package var partners: [UInt32]

  package init(
    id: UInt32, schema: String, name: String, origin: ObjectOrigin, leftType: UInt32, rightType: UInt32,
    resultType: UInt32, function: UInt32, estimators: [UInt32] = [], partners: [UInt32] = []
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.origin = origin
    self.leftType = leftType
    self.rightType = rightType
    self.resultType = resultType
    self.function = function
    self.estimators = estimators
    self.partners = partners
  }
}

/// A row of pg_type.
package struct TypeEntry: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case base = "b", composite = "c", domain = "d", enumeration = "e", multirange = "m", pseudo = "p", range = "r"
  }

  package var id: UInt32
  package var schema: String
  package var name: String
  package var origin: ObjectOrigin
  package var kind: Kind
  /// What a value is made of: element of an array, base of a domain, subtype of a range, range of a multirange,
  /// attributes of a composite type. Without built-in ones.
  package var madeOf: [UInt32]
  /// A domain's CHECK expressions as SQL, `VALUE` for the value.
  package var expressions: [String]
  /// Its default, which only a write evaluates.
  package var defaultExpression: String?
  /// Input, output, receive, send, typmod, analyze and subscript functions, a range's canonical and difference
  /// functions, and what the type's own default operator classes call; only those that are not built-in.
  package var functions: [UInt32]
  /// The table, view or composite type whose rows it describes; 0 else.
  package var relation: UInt32

  package init(
    id: UInt32, schema: String, name: String, origin: ObjectOrigin, kind: Kind, madeOf: [UInt32] = [],
    expressions: [String] = [], defaultExpression: String? = nil, functions: [UInt32] = [], relation: UInt32 = 0
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.origin = origin
    self.kind = kind
    self.madeOf = madeOf
    self.expressions = expressions
    self.defaultExpression = defaultExpression
    self.functions = functions
    self.relation = relation
  }
}

/// A row of pg_cast that is not built-in.
package struct CastEntry: Sendable, Equatable {
  package var source: UInt32
  package var target: UInt32
  /// 0: binary-coercible, or by the types' own input and output functions.
  package var function: UInt32
  /// Applied without being asked: castcontext `i`, or `a` in assignments.
  package var isImplicit: Bool
  package var isAssignment: Bool

  package init(source: UInt32, target: UInt32, function: UInt32, isImplicit: Bool, isAssignment: Bool) {
    self.source = source
    self.target = target
    self.function = function
    self.isImplicit = isImplicit
    self.isAssignment = isAssignment
  }
}
