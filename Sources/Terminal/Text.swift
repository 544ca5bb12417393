// Text that stands still: display width, padding, eliding, and control characters made visible.

/// Text from elsewhere, safe to print: control characters are written as escapes, so data never steers a terminal.
package func escaped(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var safe = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": safe += "\\n"
    case "\r": safe += "\\r"
    case "\t": safe += "\\t"
    case let scalar where isControl(scalar):
      safe += "\\u{\(String(scalar.value, radix: 16))}"
    default: safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

/// C0, C1, and the characters that turn the direction of text.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
  default: false
  }
}

/// Columns that a text takes on a terminal: East Asian wide characters take two, combining ones none.
package func displayWidth(_ text: String) -> Int {
  text.reduce(0) { $0 + width(of: $1) }
}

private func width(of character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  switch scalar.value {
  case 0x300...0x36f, 0x200b...0x200f, 0xfe00...0xfe0f: return 0
  case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
    0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
    0x1f900...0x1f9ff, 0x20000...0x3fffd:
    return 2
  default: return 1
  }
}

/// At most `width` columns, with `…` where something was cut.
package func elided(_ text: String, to width: Int) -> String {
  guard displayWidth(text) > width else { return text }
  var cut = ""
  var taken = 0
  for character in text {
    let own = displayWidth(String(character))
    guard taken + own < width else { break }
    cut.append(character)
    taken += own
  }
  return cut + "…"
}

extension String {
  /// Blanks on the right.
  package func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - displayWidth(self)))
  }

  /// Blanks on the left.
  package func padding(toLeft width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(self))) + self
  }
}
