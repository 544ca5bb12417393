// What every part of the evidence can do: be JSON with stable keys, and be read from it again.

package import JSON

/// A part of the evidence.
package protocol EvidencePart: Sendable, Equatable {
  var json: JSONValue { get }
  /// Nil where the value is not what `json` makes.
  init?(json: JSONValue)
}

extension JSONValue {
  /// All of an array's parts; nil where one of them is none.
  func parts<Part: EvidencePart>(_ key: String) -> [Part]? {
    guard let elements = object?[key]?.array else { return nil }
    let parts = elements.compactMap { Part(json: $0) }
    return parts.count == elements.count ? parts : nil
  }

  func strings(_ key: String) -> [String]? {
    guard let elements = object?[key]?.array else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }

  static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  static func optional(_ number: Int64?) -> JSONValue { number.map { .integer($0) } ?? .null }
  static func optional(_ number: Double?) -> JSONValue { number.map { .number($0) } ?? .null }
  static func list(_ parts: [some EvidencePart]) -> JSONValue { .array(parts.map(\.json)) }
  static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
