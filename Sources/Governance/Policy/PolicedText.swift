// A statement as a policy lets it run, and the way back to the text that was sent.

/// Text whose relations are what the policy makes of them.
package struct PolicedText: Sendable, Equatable {
  /// For the server: holds keys of masks.
  package let text: String
  /// For people: the same without keys.
  package let shown: String
  /// `schema.table.column`, sorted.
  package let masked: [String]
  /// `schema.table` whose rows are filtered, sorted.
  package let filtered: [String]
  /// `schema.table` with a fence between filter and statement, sorted.
  package let fenced: [String]
  /// What takes the place of what, in bytes of the text that was sent.
  private let pieces: [Piece]
  /// Where the statement began in the text that was sent.
  private let offset: Int

  struct Piece: Sendable, Equatable {
    var range: Range<Int>
    var count: Int
  }

  init(
    text: String, shown: String, masked: [String], filtered: [String], fenced: [String], pieces: [Piece], offset: Int
  ) {
    self.text = text
    self.shown = shown
    self.masked = masked
    self.filtered = filtered
    self.fenced = fenced
    var once: [Piece] = []
    for piece in pieces.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where once.last != piece {
      once.append(piece)
    }
    self.pieces = once
    self.offset = offset
  }

  /// Whether anything is hidden from the statement.
  package var hides: Bool { !pieces.isEmpty }

  /// Where a place of the changed text was in the text that was sent; nil inside of what was put there.
  func original(of place: Int) -> Int? {
    let offset = place + self.offset
    var shift = 0
    for piece in pieces {
      let start = piece.range.lowerBound + shift
      if offset < start { break }
      if offset < start + piece.count { return nil }
      shift += piece.count - piece.range.count
    }
    return offset - shift
  }
}

extension ExecutionFailure {
  /// What PostgreSQL says of a statement under a policy. Its words may hold values that an operator's own SQL has met, names
  /// of columns that are not there for the caller, or of tables behind them.
  mutating func hide(behind policed: PolicedText) {
    let place = position
    position = place.flatMap { policed.original(of: $0) }
    guard code == .database, let sqlState else { return }
    let isElsewhere = place != nil && position == nil
    guard policed.hides || sqlState.hasPrefix("23") || sqlState == "42501" else { return }
    switch sqlState.prefix(2) {
    // Rights, resources, locks, time, and the connection: PostgreSQL's words are about these.
    case "08", "25", "40", "53", "54", "55", "57": return
    case "42" where !isElsewhere && sqlState != "42501" && place != nil: break
    default:
      message = Self.words(for: sqlState)
      isOurs = true
    }
    advice =
      sqlState == "42803"
      ? "A policy holds here, and a key does not stand for the other columns of its table: name them in GROUP BY too"
      : nil
  }

  private static func words(for sqlState: String) -> String {
    let reason =
      switch sqlState {
      case "22012": "division by zero"
      case "22003": "a number is out of range"
      case "22P02": "a value cannot be read as its type"
      case "22007", "22008": "a date or time cannot be read, or is out of range"
      case "21000": "a subquery gave more than one row"
      case "42501": "the role of this connection lacks a privilege"
      case "42703": "a column is not there"
      case "42P01": "a relation is not there"
      default: sqlState.hasPrefix("23") ? "a constraint does not hold" : "PostgreSQL could not do it"
      }
    return "\(reason); a policy holds back the rest"
  }
}
