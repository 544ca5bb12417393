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

/// C0, C1, characters without a width, and those that turn the direction of text.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7f..<0xa0, 0xad, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff: true
  // Tags, which spell text that nobody sees.
  case 0xe0000...0xe007f: true
  default: false
  }
}

/// Columns that a text takes on a terminal: East Asian wide characters and emoji take two, combining ones none.
package func displayWidth(_ text: String) -> Int {
  text.utf8.allSatisfy { (0x20..<0x7f).contains($0) } ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
}

/// The base of a character decides: what is combined with it stands in its place.
/// https://www.unicode.org/reports/tr11/ names the wide ranges; unassigned characters of planes 2 and 3 are wide.
private func width(of character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  switch scalar.value {
  case 0x20..<0x300: return 1
  case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3,
    0xf900...0xfaff, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18cff, 0x1aff0...0x1b2fb,
    0x20000...0x3fffd:
    return 2
  default: break
  }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control: return 0
  default: break
  }
  // `☂` alone is text, one column wide; with the variation selector behind it, a picture.
  let isPicture = scalar.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{fe0f}")
  return isPicture ? 2 : 1
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
