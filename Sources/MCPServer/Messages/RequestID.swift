// What ties an answer to its request: a string or an integer, and the one is never the other.

package import JSON

/// A request's id as the client typed it: `1` and `"1"` are two.
package enum RequestID: Sendable, Hashable {
  case integer(Int64)
  case string(String)

  static let longest = 1_024

  /// Nil for null, fractions, integers beyond 64 bits (they could not be given back exactly) and very long strings.
  package init?(_ value: JSONValue?) {
    switch value {
    case .integer(let number): self = .integer(number)
    case .string(let text) where text.utf8.count <= Self.longest: self = .string(text)
    default: return nil
    }
  }

  package var json: JSONValue {
    switch self {
    case .integer(let number): .integer(number)
    case .string(let text): .string(text)
    }
  }
}
