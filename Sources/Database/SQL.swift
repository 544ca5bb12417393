// Our own SQL: literals only, with every value bound.

/// A statement that stands in our source code. Nothing read at run time can become one.
///
/// Sent with a marker comment in front, so that people recognise it in `pg_stat_activity` and logs, and once more behind
/// its first word, so that our own rankings do: from version 18 pg_stat_statements cuts off what stands in front.
package struct SQL: ExpressibleByStringLiteral, Sendable {
  /// What everything we send begins with.
  package static let marker = "/* pgadvisor */ "

  private let body: String
  /// What goes to the server; for people to read.
  package let text: String

  package init(stringLiteral literal: StaticString) { self.init(body: literal.description) }

  private init(body: String) {
    self.body = body
    // Bytes, since many of these are made for each call.
    let verb = body.utf8.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
    text = Self.marker + body[..<verb.endIndex] + " " + Self.marker + body[verb.endIndex...]
  }

  package static func + (left: SQL, right: SQL) -> SQL { SQL(body: left.body + right.body) }

  /// Gives rows and does nothing else.
  var isQuestion: Bool { body.hasPrefix("SELECT") || body.hasPrefix("WITH") }

  var byteCount: Int { text.utf8.count }
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
    for scalar in value.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
      text.unicodeScalars.append(scalar)
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
