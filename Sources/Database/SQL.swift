// Our own SQL: literals only, with every value bound.

/// A statement that stands in our source code. Nothing read at run time can become one.
///
/// Sent with a marker comment in front, so that people recognise it in `pg_stat_activity` and logs, and once more behind
/// its first word, so that our own rankings do: from version 18 pg_stat_statements cuts off what stands in front.
package struct SQL: ExpressibleByStringLiteral, Sendable {
  /// What everything we send begins with.
  package static let marker = "/* pgadvisor */ "

  /// Literals, joined only when the text is needed: many of these are made for each call, and most are prepared already.
  private let pieces: [StaticString]
  let byteCount: Int

  package init(stringLiteral literal: StaticString) { self.init([literal]) }

  private init(_ pieces: [StaticString]) {
    self.pieces = pieces
    byteCount = pieces.reduce(Self.markers) { $0 + $1.withUTF8Buffer(\.count) }
  }

  private static var markers: Int { 2 * marker.utf8.count + 1 }

  /// What goes to the server; for people to read.
  package var text: String {
    let body = pieces.reduce(into: "") { $0 += $1.description }
    let verb = body.utf8.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
    return Self.marker + body[..<verb.endIndex] + " " + Self.marker + body[verb.endIndex...]
  }

  private init(_ left: SQL, _ right: SQL) {
    pieces = left.pieces + right.pieces
    byteCount = left.byteCount + right.byteCount - Self.markers
  }

  package static func + (left: SQL, right: SQL) -> SQL { SQL(left, right) }

  /// Gives rows and does nothing else.
  var isQuestion: Bool {
    guard let first = pieces.first else { return false }
    return first.withUTF8Buffer { $0.starts(with: "SELECT".utf8) || $0.starts(with: "WITH".utf8) }
  }
}

extension SQL: Hashable {
  /// The same literals in the same order, wherever they stand.
  package static func == (left: SQL, right: SQL) -> Bool {
    guard left.byteCount == right.byteCount else { return false }
    return left.pieces.elementsEqual(right.pieces) { left, right in
      left.withUTF8Buffer { left in
        right.withUTF8Buffer { right in
          left.count == right.count && (left.baseAddress == right.baseAddress || left.elementsEqual(right))
        }
      }
    }
  }

  /// By its length: texts are long, few, and mostly of different lengths, and each is looked up for each call.
  package func hash(into hasher: inout Hasher) { hasher.combine(byteCount) }
}

/// An array in PostgreSQL's text form, to be bound to a parameter of an array type.
/// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
package func arrayLiteral(_ values: [String?]) -> String {
  var text = "{"
  for (position, value) in values.enumerated() {
    if position > 0 { text += "," }
    guard let value else {
      text += "NULL"
      continue
    }
    text += "\""
    if value.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
      for scalar in value.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
        text.unicodeScalars.append(scalar)
      }
    } else {
      text += value
    }
    text += "\""
  }
  return text + "}"
}

/// The elements of a one-dimensional array in PostgreSQL's text form; nil where the text is none.
func arrayElements(_ text: [UInt8]) -> [[UInt8]?]? {
  guard text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}"), text.count >= 2 else { return nil }
  var elements: [[UInt8]?] = []
  var position = 1
  let end = text.count - 1
  while position < end {
    var element: [UInt8] = []
    var isQuoted = false
    if text[position] == UInt8(ascii: "\"") {
      isQuoted = true
      position += 1
      while position < end, text[position] != UInt8(ascii: "\"") {
        if text[position] == UInt8(ascii: "\\") { position += 1 }
        guard position < end else { return nil }
        element.append(text[position])
        position += 1
      }
      guard position < end else { return nil }
      position += 1
    } else {
      while position < end, text[position] != UInt8(ascii: ",") {
        if text[position] == UInt8(ascii: "{") || text[position] == UInt8(ascii: "\"") { return nil }
        if text[position] == UInt8(ascii: "\\") { position += 1 }
        guard position < end else { return nil }
        element.append(text[position])
        position += 1
      }
    }
    let isNull = !isQuoted && element.count == 4 && element.elementsEqual("NULL".utf8)
    elements.append(isNull ? nil : element)
    if position == end { return elements }
    guard text[position] == UInt8(ascii: ","), position + 1 < end else { return nil }
    position += 1
  }
  return elements
}
