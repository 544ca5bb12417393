// An expression after name resolution: as much of it as decides whether an index can serve a condition on it.

import Database
import SQLSyntax

/// What one expression is, seen from the query level it stands in.
struct BoundValue {
  enum Literal: Equatable {
    case text(String)
    case number(Int?)
    case flag(Bool)
    case null
  }

  enum Form {
    case column
    case parameter(Int)
    case literal(Literal)
    case row([BoundValue])
    /// `ARRAY[…]` or the right side of IN.
    case list([BoundValue])
    case expression
  }

  var form: Form = .expression
  /// For a column its origin; otherwise only `touches` and `isUnknown` mean something.
  var meaning = Meaning()
  /// Reads a FROM item of the level it stands in.
  var isLocal = false
  /// A column of an outer level whose rows survive without a match (NOT EXISTS).
  var isShielded = false
  var isVolatile = false
  var readsParameter = false
  /// Of many rows: an aggregate or a window function is in it.
  var isAggregated = false
  /// Normalised type name where the text says it: a cast, a literal with a fraction.
  var type: String?
  /// Written out again, where it is of one table instance and of constants alone.
  var spelling: Spelling?

  static func literal(_ literal: Literal, type: String? = nil) -> BoundValue {
    BoundValue(form: .literal(literal), type: type)
  }

  static var unknown: BoundValue { BoundValue(meaning: Meaning(isUnknown: true), isLocal: true) }

  /// An expression over the parts: it depends on all that they depend on.
  static func expression(over parts: [BoundValue]) -> BoundValue {
    var whole = BoundValue()
    for part in parts { whole.absorb(part) }
    return whole
  }

  mutating func absorb(_ part: BoundValue) {
    meaning.touches.formUnion(part.meaning.touches)
    if part.meaning.isUnknown { meaning.isUnknown = true }
    if part.isLocal { isLocal = true }
    if part.isVolatile { isVolatile = true }
    if part.readsParameter { readsParameter = true }
    if part.isAggregated { isAggregated = true }
  }

  var isColumn: Bool { if case .column = form { true } else { false } }

  var isNullLiteral: Bool { if case .literal(.null) = form { true } else { false } }

  /// The base columns that a plain column stands for with nothing in between.
  var flatSpots: [Spot] {
    guard isColumn, isLocal, !meaning.isUnknown else { return [] }
    return meaning.sources.compactMap { source in
      guard let use = source.base.use, source.reach == .full else { return nil }
      return Spot(use: use, column: source.base.column)
    }
  }

  var parameterNumber: Int? { if case .parameter(let number) = form { number } else { nil } }

  var elements: [BoundValue]? {
    switch form {
    case .row(let parts), .list(let parts): parts
    default: nil
    }
  }
}
