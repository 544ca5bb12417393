// One name, one literal, many spellings that PostgreSQL reads as the same.

import Support

/// Draws spellings.
struct MutationSpellings {
  /// How a payload is written this time.
  static func text(of payload: MutationPayload, using random: inout SeededRandom) -> String {
    payload.parts.map { part in
      switch part {
      case .plain(let text): spaced(text, using: &random)
      case .identifier(let name): identifier(name, using: &random)
      case .literal(let contents): literal(contents, using: &random)
      case .systemName(let name):
        Bool.random(using: &random)
          ? identifier(name, using: &random)
          : identifier("pg_catalog", using: &random) + gap(using: &random) + "." + gap(using: &random)
            + identifier(name, using: &random)
      }
    }.joined()
  }

  static func identifier(_ name: String, using random: inout SeededRandom) -> String {
    let isPlain = name.allSatisfy { $0.isLowercase || $0 == "_" || $0.isNumber } && name != "left"
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where isPlain: return name
    case 1 where isPlain: return name.uppercased()
    case 2 where isPlain:
      return String(name.map { Bool.random(using: &random) ? Character($0.uppercased()) : $0 })
    case 3: return "U&\"\(escaped(name, by: "\\", using: &random))\""
    case 4: return "u&\"\(escaped(name, by: "!", using: &random))\" UESCAPE '!'"
    default: return "\"\(name)\""
    }
  }

  static func literal(_ contents: String, using random: inout SeededRandom) -> String {
    switch Int.random(in: 0..<7, using: &random) {
    case 0: return "'\(contents)'"
    case 1: return "$$\(contents)$$"
    case 2: return "$a_1$\(contents)$a_1$"
    case 3: return "U&'\(escaped(contents, by: "\\", using: &random))'"
    case 4:
      return "E'" + contents.map { $0 == "/" || Bool.random(using: &random) ? String($0) : hexadecimal($0) }.joined()
        + "'"
    case 5: return "'\(contents)'\n''"
    // A comment may stand there too; libpg_query's lexer does not know that, and so refuses it.
    default: return "'\(contents.prefix(1))' \n\t '\(contents.dropFirst())'"
    }
  }

  /// White space and comments where they mean nothing.
  static func gap(using random: inout SeededRandom) -> String {
    let gaps = [
      "", "", " ", "\n", "\t ", "/**/", "/* ; ' \" $$ */", "-- ; '\n", "/* /* nested */ */", "\r\n", "\u{0C}",
    ]
    return gaps[Int.random(in: 0..<gaps.count, using: &random)]
  }

  /// Around parentheses and commas, which are never inside a literal here.
  private static func spaced(_ text: String, using random: inout SeededRandom) -> String {
    guard !text.contains("'") else { return text }
    var spaced = ""
    for character in text {
      let takesGap = character == "(" || character == ")" || character == ","
      if takesGap { spaced += gap(using: &random) }
      spaced.append(character)
      if takesGap { spaced += gap(using: &random) }
    }
    return spaced
  }

  private static func escaped(_ text: String, by escape: Character, using random: inout SeededRandom) -> String {
    text.map { character -> String in
      let code = character.unicodeScalars.first.map { Int($0.value) } ?? 0
      switch Int.random(in: 0..<3, using: &random) {
      case 0: return "\(escape)" + padded(code, to: 4)
      case 1: return "\(escape)+" + padded(code, to: 6)
      default: return String(character)
      }
    }.joined()
  }

  private static func padded(_ code: Int, to count: Int) -> String {
    let digits = String(code, radix: 16)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  private static func hexadecimal(_ character: Character) -> String {
    let code = character.unicodeScalars.first.map { Int($0.value) } ?? 0
    return "\\x" + padded(code, to: 2)
  }
}
