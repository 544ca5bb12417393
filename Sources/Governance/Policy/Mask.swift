// How a column's values look to somebody who may not see them, and how that is written in a policy.

/// A mask. Every one keeps the column's type; what cannot be shown in that type becomes NULL.
package enum Mask: Sendable, Hashable {
  /// `***` for text, NULL for anything else: the same for every row, also where there is NULL.
  case full
  case null
  /// The same text in every row.
  case constant(String)
  /// The first and the last characters, and `***` between; `***` alone where that would be all of it.
  case partial(first: Int, last: Int)
  /// The first letter and the domain.
  case email
  /// A token that is the same for the same value, by a key.
  case hash
  /// The first day of the year, or of the month.
  case year, month
  /// An address cut to so many bits.
  case network(bits: Int, bits6: Int)
  /// Down to a multiple, towards zero.
  case round(Int)
  /// SQL over the column, by an operator who answers for what it tells.
  case expression(String)

  /// The words that a policy takes, for errors and suggestions.
  package static let words = [
    "full", "null", "constant", "partial", "email", "hash", "year", "month", "network", "round", "sql",
  ]

  /// A short name for people.
  package var word: String {
    switch self {
    case .full: "full"
    case .null: "null"
    case .constant: "constant"
    case .partial: "partial"
    case .email: "email"
    case .hash: "hash"
    case .year: "year"
    case .month: "month"
    case .network: "network"
    case .round: "round"
    case .expression: "sql"
    }
  }
}

/// Why a part of a policy cannot be taken.
package struct PolicyFailure: Error, Sendable, Equatable {
  package var message: String
  package var advice: String?

  package init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }
}

extension Mask {
  /// Reads `email`, `partial(0, 4)`, `constant(hidden)`, `sql(upper(left(name, 1)))`.
  package init(reading text: String) throws(PolicyFailure) {
    let word = String(text.prefix { $0.isLetter }).lowercased()
    let rest = text.dropFirst(word.count).drop { $0 == " " }
    guard Self.words.contains(word) else {
      throw PolicyFailure("there is no such mask", advice: "Masks are \(Self.words.joined(separator: ", "))")
    }
    let inside: String?
    if rest.isEmpty {
      inside = nil
    } else {
      guard rest.first == "(", rest.last == ")", rest.count >= 2 else {
        throw PolicyFailure("what a mask takes stands in brackets", advice: "For instance partial(0, 4)")
      }
      inside = String(rest.dropFirst().dropLast())
    }
    switch (word, inside) {
    case ("full", nil): self = .full
    case ("null", nil): self = .null
    case ("email", nil): self = .email
    case ("hash", nil): self = .hash
    case ("year", nil): self = .year
    case ("month", nil): self = .month
    case ("constant", let text?): self = .constant(text)
    case ("sql", let text?): self = try Self.expression(checking: text)
    case ("partial", let text?):
      let numbers = try Self.numbers(text, 2...2, 0...64, "partial(0, 4): characters kept at the start and at the end")
      self = .partial(first: numbers[0], last: numbers[1])
    case ("round", let text?):
      self = .round(try Self.numbers(text, 1...1, 1...1_000_000_000, "round(100)")[0])
    case ("network", let text):
      let numbers = try Self.numbers(text ?? "24, 48", 1...2, 0...128, "network(24), or network(24, 48) with IPv6")
      self = .network(bits: min(numbers[0], 32), bits6: numbers.count > 1 ? numbers[1] : 48)
    case (_, nil): throw PolicyFailure("\(word) takes something in brackets", advice: "For instance partial(0, 4)")
    default: throw PolicyFailure("\(word) takes nothing in brackets")
    }
  }

  private static func numbers(
    _ text: String, _ count: ClosedRange<Int>, _ range: ClosedRange<Int>, _ example: String
  ) throws(PolicyFailure) -> [Int] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      Int(String(part.filter { $0 != " " && $0 != "_" }))
    }
    let numbers = parts.compactMap { $0 }.filter(range.contains)
    guard numbers.count == parts.count, count.contains(numbers.count) else {
      throw PolicyFailure(
        "a mask takes numbers from \(range.lowerBound) to \(range.upperBound)", advice: "For instance \(example)")
    }
    return numbers
  }
}
