// What a statement asks of each table it touches: where candidate generators and parameter sampling start from.

package import Database

/// One statement seen as uses of base tables, with names resolved through aliases, CTEs, subqueries and views.
package struct QueryShape: Sendable, Equatable {
  package enum Command: String, Sendable { case select, insert, update, delete, merge, other }

  package var command: Command
  /// One entry a table instance: a table that is joined with itself has two.
  package var uses: [TableUse]
  /// By parameter number, what each `$n` is compared with.
  package var parameters: [Int: ParameterUse]
  /// For UPDATE (and ON CONFLICT DO UPDATE, MERGE): the columns that SET writes, by target table.
  package var updatedColumns: [RelationID: Set<String>]
  /// Names that could not be resolved, and other constructs not looked into, in the order met; for the report.
  package var notes: [String]

  package init(
    command: Command = .other, uses: [TableUse] = [], parameters: [Int: ParameterUse] = [:],
    updatedColumns: [RelationID: Set<String>] = [:], notes: [String] = []
  ) {
    self.command = command
    self.uses = uses
    self.parameters = parameters
    self.updatedColumns = updatedColumns
    self.notes = notes
  }
}

/// What one statement asks of one table instance. Column lists have no repeats and keep the order met.
package struct TableUse: Sendable, Equatable {
  /// For a partition named directly, the partition; for a partitioned table, the parent.
  package var table: RelationID
  /// `col = constant/parameter/outer value`, `IN (…)`, `= ANY (…)`, `IS NULL`, `IS TRUE`, a bare boolean column.
  package var equalities: [String] = []
  /// `<`, `<=`, `>`, `>=`, BETWEEN, row comparison's first column, `LIKE 'abc%'` where the collation allows it.
  package var ranges: [String] = []
  /// Columns compared by `=` with a column of another table instance (a correlated subquery counts).
  package var joins: [Join] = []
  /// ORDER BY (or a window's PARTITION BY + ORDER BY, DISTINCT ON + ORDER BY) lists, as far as they are of this
  /// instance from the first key on, without keys bound by `=`; columns joined by `=` stand for each other.
  /// An index on a leading part still serves: the rest is an incremental sort.
  package var orderings: [Ordering] = []
  /// GROUP BY and DISTINCT column lists that are wholly of this instance.
  package var groupings: [[String]] = []
  /// Columns of a lone `min(col)` or `max(col)`.
  package var extremes: [String] = []
  /// Arms of an OR that all restrict this instance: each is served by an index of its own (a BitmapOr).
  package var arms: [Arm] = []
  /// Columns of `LIKE 'abc%'` whose collation does not sort by byte: served by a pattern operator class alone.
  package var prefixes: [String] = []
  /// Expressions that stand where a column could.
  package var expressions: [Expression] = []
  /// Conditions by operators that no btree knows.
  package var lookups: [Lookup] = []
  /// Conditions with constants that hold for every row wanted: a partial index may have them.
  package var constants: [Constant] = []
  /// In words, what of the statement's conditions no index serves, and why.
  package var obstacles: [String] = []
  /// Every column of this instance that the statement names anywhere.
  package var referenced: Set<String> = []
  /// First of the range table of a query that is planned by itself: HypoPG lets the planner see indexes on expressions and
  /// partial ones only there (1.3 and 1.4 do not renumber the variables of others).
  package var isLeading = false
  /// UPDATE, DELETE or MERGE target.
  package var isTarget = false
  /// Named without ONLY: what inherits from the table is read as well.
  package var includesChildren = false

  package struct Join: Sendable, Hashable {
    package var column: String
    /// Position in `QueryShape.uses`.
    package var otherUse: Int
    package var otherColumn: String
    package init(column: String, otherUse: Int, otherColumn: String) {
      self.column = column
      self.otherUse = otherUse
      self.otherColumn = otherColumn
    }
  }

  /// One arm of an OR, on one table instance.
  package struct Arm: Sendable, Hashable {
    package var equalities: [String]
    package var ranges: [String]
    /// Of another arm of the same OR a `Lookup` or an `Expression` came.
    package var isBesideSpecial: Bool
    package init(equalities: [String], ranges: [String], isBesideSpecial: Bool = false) {
      self.equalities = equalities
      self.ranges = ranges
      self.isBesideSpecial = isBesideSpecial
    }
  }

  /// An expression over columns of this instance, compared with something that is known before the table is entered.
  package struct Expression: Sendable, Hashable {
    package enum Role: Sendable, Hashable { case equality, range, prefix }
    package var key: IndexDefinition.Key
    package var role: Role
  }

  /// `data @> …`, `tags && …`, `body @@ …`, `name ILIKE '%x%'`.
  package struct Lookup: Sendable, Hashable {
    package enum Kind: String, Sendable {
      case containment, existence, path, array, fullText, trigram, range, geometry, network
    }
    /// Without an operator class.
    package var key: IndexDefinition.Key
    package var kind: Kind
    package var operatorName: String
    package var typeName: String
  }

  /// `status = 'open'`, `status <> 'done'`, `deleted_at IS NULL`, `active`.
  package struct Constant: Sendable, Hashable {
    package enum Form: Sendable, Hashable { case flag, missing, present, value, differing }
    package var column: String
    package var text: String
    package var form: Form
  }

  package struct Ordering: Sendable, Hashable {
    package var keys: [IndexDefinition.Key]
    /// LIMIT or FETCH FIRST applies directly to it, so reading in order saves the rest.
    package var isLimited: Bool
    package init(keys: [IndexDefinition.Key], isLimited: Bool) {
      self.keys = keys
      self.isLimited = isLimited
    }
  }

  package init(table: RelationID) { self.table = table }
}

/// Where one parameter stands.
package struct ParameterUse: Sendable, Equatable {
  package enum Role: String, Sendable {
    /// `col = $n`, `$n IN (…)` elements.
    case equality
    /// `col = ANY ($n)`: an array of the column's values.
    case anyArray
    /// `col > $n`, `col >= $n`, the lower side of BETWEEN.
    case lowerBound
    /// `col < $n`, `col <= $n`, the upper side of BETWEEN.
    case upperBound
    /// `col LIKE $n`, `~`, `ILIKE`.
    case pattern
    /// LIMIT or FETCH FIRST.
    case limit
    case offset
    /// The value of INSERT … VALUES or SET col = $n.
    case assignment
    /// `extract($n FROM …)` and the like: the first argument names a field.
    case field
    case other
  }

  package var role: Role
  /// The base column it is compared with or written to, if known.
  package var table: RelationID?
  package var column: String?
  /// For a bound: the parameter that is the other bound of the same column in the same condition list.
  package var partner: Int?

  package init(role: Role, table: RelationID? = nil, column: String? = nil, partner: Int? = nil) {
    self.role = role
    self.table = table
    self.column = column
    self.partner = partner
  }
}
