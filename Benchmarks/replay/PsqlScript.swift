// A psql script as psql reads it: statements, backslash commands, variables. Only what the regression suite needs.

/// What comes next in a script.
enum ScriptEvent: Sendable, Equatable {
  /// Variables are put in. Holds several statements when `\;` joined them.
  case statement(String)
  /// A backslash command with the rest of its line; `buffer` is what stands before it and was not sent.
  case command(name: String, arguments: [String], buffer: String)
}

/// Reads a script piece by piece, since variables change between pieces.
struct PsqlScript {
  private let bytes: [UInt8]
  private var position = 0
  private var buffer: [UInt8] = []
  private var parentheses = 0
  private var body = BodyTracker()
  var variables: [String: String]

  init(_ bytes: [UInt8], variables: [String: String]) {
    self.bytes = bytes
    self.variables = variables
  }

  /// nil at the end.
  mutating func next() -> ScriptEvent? {
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "'"): quoted(by: byte, escapes: endsWithEscapeLetter)
      case UInt8(ascii: "\""): quoted(by: byte, escapes: false)
      case UInt8(ascii: "$"): dollarQuoted()
      case UInt8(ascii: "-") where peek(1) == byte:
        while position < bytes.count, bytes[position] != 10 { position += 1 }
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): comment()
      case UInt8(ascii: ":"): variable()
      case UInt8(ascii: "\\"):
        if let event = backslash() { return event }
      case UInt8(ascii: ";") where parentheses == 0 && body.depth == 0:
        take(1)
        if let text = flush() { return .statement(text) }
      default: plain(byte)
      }
    }
    return flush().map { .statement($0) }
  }

  /// The lines of `COPY … FROM stdin`, up to `\.`.
  mutating func copyData() -> [UInt8] {
    // What is left of the statement's own line.
    while position < bytes.count, bytes[position] != 10 { position += 1 }
    position += 1
    var data: [UInt8] = []
    while position < bytes.count {
      var end = position
      while end < bytes.count, bytes[end] != 10 { end += 1 }
      let line = bytes[position..<end]
      position = min(end + 1, bytes.count)
      if line.elementsEqual("\\.".utf8) || line.elementsEqual("\\.\r".utf8) { break }
      data += line
      data.append(10)
    }
    return data
  }

  // MARK: - Pieces

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func take(_ count: Int) {
    buffer += bytes[position..<min(position + count, bytes.count)]
    position += count
  }

  private mutating func plain(_ byte: UInt8) {
    if byte == UInt8(ascii: "(") { parentheses += 1 }
    if byte == UInt8(ascii: ")") { parentheses = max(0, parentheses - 1) }
    guard byte.isLetter else { return take(1) }
    let start = position
    while position < bytes.count, bytes[position].isLetter || bytes[position].isDigit || bytes[position] == 36 {
      position += 1
    }
    let word = bytes[start..<position]
    buffer += word
    // A letter glued to a quote belongs to the literal: E'…'.
    if peek(0) != UInt8(ascii: "'") { body.take(String(decoding: word, as: UTF8.self).lowercased(), parentheses) }
  }

  private var endsWithEscapeLetter: Bool {
    guard let last = buffer.last, last | 32 == UInt8(ascii: "e") else { return false }
    return buffer.count < 2 || !(buffer[buffer.count - 2].isLetter || buffer[buffer.count - 2].isDigit)
  }

  private mutating func quoted(by quote: UInt8, escapes: Bool) {
    take(1)
    while position < bytes.count, bytes[position] != quote {
      take(escapes && bytes[position] == UInt8(ascii: "\\") ? 2 : 1)
    }
    take(1)
  }

  private mutating func dollarQuoted() {
    var end = position + 1
    while end < bytes.count, bytes[end].isLetter || (bytes[end].isDigit && end > position + 1) { end += 1 }
    let isInWord = buffer.last.map { $0.isLetter || $0.isDigit } ?? false
    guard !isInWord, end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return take(1) }
    let tag = Array(bytes[position...end])
    take(tag.count)
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "$"), bytes[position...].starts(with: tag) { return take(tag.count) }
      take(1)
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if bytes[position] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        depth += 1
        take(2)
      } else if bytes[position] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        depth -= 1
        take(2)
      } else {
        take(1)
      }
    } while depth > 0 && position < bytes.count
  }

  /// `:name`, `:'name'`, `:"name"` and `:{?name}`.
  private mutating func variable() {
    if peek(1) == UInt8(ascii: ":") { return take(2) }
    var start = position + 1
    let quote = peek(1).flatMap { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") ? $0 : nil }
    if quote != nil { start += 1 }
    let tests = peek(1) == UInt8(ascii: "{") && peek(2) == UInt8(ascii: "?")
    if tests { start += 2 }
    var end = start
    while end < bytes.count, bytes[end].isLetter || bytes[end].isDigit { end += 1 }
    let name = String(decoding: bytes[start..<end], as: UTF8.self)
    if tests {
      position = end + 1
      buffer += Array((variables[name] == nil ? "FALSE" : "TRUE").utf8)
      return
    }
    guard !name.isEmpty, let value = variables[name], quote == nil || (end < bytes.count && bytes[end] == quote) else {
      return take(1)
    }
    position = end + (quote == nil ? 0 : 1)
    buffer += Array(Self.quoted(value, by: quote).utf8)
  }

  private static func quoted(_ value: String, by quote: UInt8?) -> String {
    guard let quote else { return value }
    let mark: Character = quote == UInt8(ascii: "'") ? "'" : "\""
    let inner = String(value.flatMap { $0 == mark ? [mark, mark] : [$0] })
    return mark == "'" && inner.contains("\\") ? " E'\(inner.replacing("\\", with: "\\\\"))'" : "\(mark)\(inner)\(mark)"
  }

  private mutating func backslash() -> ScriptEvent? {
    if peek(1) == UInt8(ascii: ";") {
      position += 2
      buffer.append(UInt8(ascii: ";"))
      return nil
    }
    if peek(1) == UInt8(ascii: "\\") {
      position += 2
      return nil
    }
    position += 1
    var end = position
    while end < bytes.count, bytes[end] > 32, bytes[end] != UInt8(ascii: "\\") { end += 1 }
    let name = String(decoding: bytes[position..<end], as: UTF8.self)
    position = end
    let arguments = readArguments()
    let isSending = Self.sending.contains(name) || name.hasPrefix("g ")
    let text = isSending || name == "r" ? flush() ?? "" : ""
    return .command(name: name, arguments: arguments, buffer: text)
  }

  private static let sending: Set<String> = ["g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch"]

  /// The arguments on the rest of the line, up to `\\`.
  private mutating func readArguments() -> [String] {
    var arguments: [String] = []
    while position < bytes.count, bytes[position] != 10 {
      let byte = bytes[position]
      if byte <= 32 {
        position += 1
        continue
      }
      if byte == UInt8(ascii: "\\") {
        if peek(1) == byte { position += 2 }
        break
      }
      let outer = buffer
      buffer = []
      while position < bytes.count, bytes[position] > 32, bytes[position] != UInt8(ascii: "\\") {
        let here = bytes[position]
        if here == UInt8(ascii: ":") {
          variable()
        } else if here == UInt8(ascii: "'") || here == UInt8(ascii: "\"") {
          position += 1
          while position < bytes.count, bytes[position] != here, bytes[position] != 10 {
            if here == UInt8(ascii: "'"), bytes[position] == UInt8(ascii: "\\") { position += 1 }
            take(1)
          }
          position += 1
        } else {
          take(1)
        }
      }
      arguments.append(String(decoding: buffer, as: UTF8.self))
      buffer = outer
    }
    return arguments
  }

  /// Throws away what was read and not sent.
  mutating func reset() {
    buffer = []
    parentheses = 0
    body = BodyTracker()
  }

  private mutating func flush() -> String? {
    let text = String(decoding: buffer, as: UTF8.self)
    reset()
    let isEmpty = text.allSatisfy { $0.isWhitespace || $0 == ";" }
    return isEmpty ? nil : text.trimmingPrefix { $0.isWhitespace }.description
  }
}

/// Whether a semicolon stands inside `BEGIN ATOMIC … END` of a function.
private struct BodyTracker {
  private var words: [String] = []
  private(set) var depth = 0

  mutating func take(_ word: String, _ parentheses: Int) {
    if words.count < 4 { words.append(word) }
    guard parentheses == 0, words.first == "create" else { return }
    let kind = words.dropFirst().first { $0 != "or" && $0 != "replace" }
    guard kind == "function" || kind == "procedure" else { return }
    switch word {
    case "begin": depth += 1
    case "case" where depth > 0: depth += 1
    case "end" where depth > 0: depth -= 1
    default: break
    }
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool { (self | 32 >= 97 && self | 32 <= 122) || self == 95 || self >= 128 }
  fileprivate var isDigit: Bool { self >= 48 && self <= 57 }
}
