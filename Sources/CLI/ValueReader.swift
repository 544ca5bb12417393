// The values that options take, from text.

import Terminal

/// Reads durations, sizes, fractions and choices; nil or a usage error for anything else.
enum ValueReader {
  static func check(_ text: String, for option: Option) throws(Refusal) {
    let isGood: Bool
    switch option.value {
    case .flag, .text: isGood = true
    case .integer: isGood = Int(text).map { $0 >= 0 } ?? false
    case .number: isGood = Double(text).map { $0.isFinite && $0 >= 0 } ?? false
    case .duration: isGood = duration(text) != nil
    case .size: isGood = bytes(text) != nil
    case .percent: isGood = fraction(text) != nil
    case .choice(let words):
      guard !words.contains(text) else { return }
      let near = nearest(to: text, among: words).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(
        message: "--\(option.name) takes one of \(words.joined(separator: ", ")), not \(shown(text))\(near)")
    }
    guard isGood else {
      throw Refusal(message: "--\(option.name) takes \(expectation(of: option.value)), not \(shown(text))")
    }
  }

  /// A connection string in the wrong place is not repeated: it may hold a password.
  private static func shown(_ text: String) -> String {
    namesServer(text) ? "a connection string" : "\"\(elided(text, to: 40))\""
  }

  private static func expectation(of value: OptionValue) -> String {
    switch value {
    case .integer: "a whole number"
    case .number: "a number"
    case .duration: "a duration such as 500ms, 30s or 5min"
    case .size: "a size such as 64kB, 500MB or 1.5GB"
    case .percent: "a share such as 10% or 0.1"
    default: "a value"
    }
  }

  /// A number and `ms`, `s`, `min` or `h`; seconds without a unit.
  static func duration(_ text: String) -> Duration? {
    guard let (number, unit) = split(text) else { return nil }
    let milliseconds: Double
    switch unit {
    case "ms": milliseconds = number
    case "", "s": milliseconds = number * 1_000
    case "min", "m": milliseconds = number * 60_000
    case "h": milliseconds = number * 3_600_000
    default: return nil
    }
    guard milliseconds < 1e12 else { return nil }
    return .microseconds(Int64(milliseconds * 1_000))
  }

  /// A number and a unit as in postgresql.conf; bytes without one. Units may be written in any case.
  static func bytes(_ text: String) -> Int64? {
    guard let (number, unit) = split(text) else { return nil }
    let units: [String: Double] = [
      "": 1, "b": 1, "kb": 1_024, "mb": 1_048_576, "gb": 1_073_741_824, "tb": 1_099_511_627_776,
    ]
    guard let factor = units[unit.lowercased()], number * factor < 9e18 else { return nil }
    return Int64(number * factor)
  }

  /// `10%` or `0.1`; not more than all.
  static func fraction(_ text: String) -> Double? {
    guard let (number, unit) = split(text) else { return nil }
    let fraction = unit == "%" ? number / 100 : unit.isEmpty ? number : -1
    return (0...1).contains(fraction) ? fraction : nil
  }

  private static func split(_ text: String) -> (Double, String)? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number.isFinite else { return nil }
    let unit = text[digits.endIndex...].drop { $0 == " " }
    return (number, String(unit))
  }
}
