// What a statement mentions, in one list for each kind of thing, with the place in the text.

import SQLSyntax

/// Everything in one statement that a verdict can depend on.
struct Mentions: Sendable {
  struct Call {
    var schema: String?
    var name: String
    var count: Int
    var arguments: [Node]
    var scope: Int
    /// `f(x)` of one argument may also be a cast to a type of that name, or a column of a row.
    var hasOneArgument: Bool
    /// Its value is a result of the statement or becomes text, and nothing else takes its type.
    var isShown = false
    var position: Int
  }

  struct Operator {
    var schema: String?
    var name: String
    var isPrefix: Bool
    /// `a + b` with its two sides; nil where they are not known.
    var expression: Node?
    var scope = 0
    var position: Int
  }

  struct TypeUse {
    var schema: String?
    var name: String
    /// Of a text search configuration's name without a schema, for a function that takes one.
    var isPlainConfiguration = false
    var position: Int
  }

  enum Access {
    case read, write, refresh
  }

  struct Relation {
    var schema: String?
    var name: String
    var access: Access
    var position: Int
    /// Named columns, some of them more than once; filled while columns are resolved.
    var columns: [String] = []
    var hasAllColumns = false
    /// An UPDATE or DELETE that looks at what it changes.
    var isAlsoRead = false
  }

  /// A reference such as `c`, `a.c` or `s.t.c`; `isRow` for `a.*`.
  struct Column {
    var qualifier: String?
    var name: String
    var isRow: Bool
    /// `(a).c`: `a` may also be a column that holds rows.
    var isInBrackets = false
    var scope: Int
    var position: Int
  }

  /// `(expression).name`, or the part behind a column: a field, or a function in attribute notation.
  struct Selection {
    var name: String
    var position: Int
    /// What is known of the row.
    var row = Row.unknown
  }

  enum Row {
    /// Some row.
    case unknown
    /// Not even that it is a row: `(e).f` calls any function of one argument.
    case anyValue
    /// A row of this relation, by OID.
    case relation(UInt32)
    case type(UInt32)
    /// A parameter of the function whose body this is, from 1.
    case parameter(Int)
  }

  /// One name in a FROM clause.
  struct Entry {
    var alias: String
    /// Place in `relations`; nil for what is no relation.
    var relation: Int?
    /// The alias renames columns.
    var renamesColumns: Bool
    /// A function in FROM: its name, with or without an alias, may mean a single value instead of a row.
    var isFunction = false
  }

  struct Scope {
    var parent: Int?
    var entries: [Entry] = []
  }

  var calls: [Call] = []
  var operators: [Operator] = []
  var types: [TypeUse] = []
  var relations: [Relation] = []
  var columns: [Column] = []
  var selections: [Selection] = []
  var scopes: [Scope] = []
  /// What the structure alone demands.
  var demands: [Demand] = []
  /// Changes what there is: event triggers fire.
  var isDefinition = false
}
