// One option of a command: its name, what it takes, and what help says about it.

/// What an option takes.
enum OptionValue: Sendable, Equatable {
  /// Nothing: it is on when named.
  case flag
  case text(String)
  case integer(String)
  case number(String)
  /// `500ms`, `30s`, `5min`.
  case duration
  /// `64kB`, `500MB`, `1.5GB`; 1 kB is 1,024 bytes.
  case size
  /// `10%` or `0.1`.
  case percent
  case choice([String])

  /// As help shows it.
  var placeholder: String? {
    switch self {
    case .flag: nil
    case .text(let name), .integer(let name), .number(let name): name
    case .duration: "DURATION"
    case .size: "SIZE"
    case .percent: "PERCENT"
    case .choice(let words): words.joined(separator: "|")
    }
  }

  /// Whether completions offer file names.
  var isPath: Bool { self == .text("PATH") || self == .text("FILE") }
}

/// An option in a command's table.
struct Option: Sendable {
  /// Without the two dashes.
  let name: String
  let short: Character?
  let value: OptionValue
  let help: String
  let isRepeatable: Bool

  /// An option that is on when named.
  init(_ name: String, short: Character? = nil, _ help: String) {
    self.init(name, short: short, .flag, help)
  }

  init(_ name: String, short: Character? = nil, _ value: OptionValue, repeatable: Bool = false, _ help: String) {
    self.name = name
    self.short = short
    self.value = value
    self.help = help
    self.isRepeatable = repeatable
  }
}

/// What was typed, checked against a command's table.
struct ParsedArguments: Sendable {
  private(set) var positionals: [String] = []
  private var values: [String: [String]] = [:]

  /// `-` alone is a positional; everything behind `--` is.
  init(_ arguments: [String], options: [Option]) throws(Refusal) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        positionals += rest
        return
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        positionals.append(argument)
        continue
      }
      let (name, inline) = Self.split(argument)
      guard let option = options.first(where: { "--\($0.name)" == name || $0.short.map { "-\($0)" } == name }) else {
        throw Refusal(message: "unknown option \(name)\(Self.suggestion(for: name, among: options))")
      }
      try take(option, named: name, inline: inline, from: &rest)
    }
  }

  private mutating func take(
    _ option: Option, named name: String, inline: String?, from rest: inout ArraySlice<String>
  ) throws(Refusal) {
    guard option.isRepeatable || option.value == .flag || values[option.name] == nil else {
      throw Refusal(message: "\(name) is given twice")
    }
    if option.value == .flag {
      guard inline == nil else { throw Refusal(message: "\(name) takes no value") }
      values[option.name, default: []].append("")
      return
    }
    guard let value = inline ?? rest.popFirst() else {
      throw Refusal(message: "\(name) needs a value (\(option.value.placeholder ?? ""))")
    }
    try ValueReader.check(value, for: option)
    values[option.name, default: []].append(value)
  }

  /// `--format`, or `--json` for it.
  func format() throws(Refusal) -> String {
    guard has("json") else { return text("format") ?? "text" }
    guard (text("format") ?? "json") == "json" else {
      throw Refusal(message: "--json and --format \(text("format") ?? "") contradict each other")
    }
    return "json"
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func text(_ name: String) -> String? { values[name]?.last }

  func texts(_ name: String) -> [String] { values[name] ?? [] }

  func integer(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

  func number(_ name: String) -> Double? { text(name).flatMap(Double.init) }

  func duration(_ name: String) -> Duration? { text(name).flatMap(ValueReader.duration) }

  func bytes(_ name: String) -> Int64? { text(name).flatMap(ValueReader.bytes) }
  func manyBytes(_ name: String) -> [Int64] { texts(name).compactMap(ValueReader.bytes) }

  func fraction(_ name: String) -> Double? { text(name).flatMap(ValueReader.fraction) }

  private static func split(_ argument: String) -> (name: String, value: String?) {
    guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  private static func suggestion(for name: String, among options: [Option]) -> String {
    let near = nearest(to: name, among: options.map { "--\($0.name)" })
    return near.map { "; did you mean \($0)?" } ?? ""
  }
}

/// The word that is a few letters away, for "did you mean".
func nearest(to word: String, among words: [String]) -> String? {
  let ranked = words.map { (distance: editDistance(word, $0), word: $0) }.min { $0.distance < $1.distance }
  guard let ranked, ranked.distance <= max(2, word.count / 3) else { return nil }
  return ranked.word
}

/// Levenshtein's.
private func editDistance(_ left: String, _ right: String) -> Int {
  let (left, right) = (Array(left), Array(right))
  var previous = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var current = [i + 1]
    for (j, b) in right.enumerated() {
      current.append(min(previous[j] + (a == b ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
    }
    previous = current
  }
  return previous[right.count]
}
