// One key of pgadvisor.yaml: what it takes, what it means, and how it stands in the example.

import Governance
import Terminal

/// What a value may be.
indirect enum SettingShape: Sendable {
  /// What others refer to: letters, digits and `. _ - @ +`.
  case name
  case text
  /// As text, and never shown.
  case secret
  /// A relative one begins where the file is.
  case path
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case duration(ClosedRange<Duration>)
  case size(ClosedRange<Int64>)
  case choice([String])
  /// A day or RFC 3339.
  case time
  /// A list of values of one shape, with at least one.
  case list(SettingShape)
  /// How a column looks: one word, or one with brackets; also a bare `null`.
  case mask
  case section([Setting])
  /// Values by names that the table does not know, as the example has one.
  case map(SettingShape, like: String)
  case sections([Setting])

  /// Whether `${NAME}` stands for a variable of the environment.
  var isInterpolated: Bool {
    switch self {
    case .text, .secret, .path: true
    default: false
    }
  }

  /// For people.
  var words: String {
    switch self {
    case .name: "a name"
    case .text: "text"
    case .secret: "a secret"
    case .path: "a path"
    case .integer(let range): "a number from \(range.lowerBound.grouped) to \(range.upperBound.grouped)"
    case .number(let range): "a number from \(Int(range.lowerBound).grouped) to \(Int(range.upperBound).grouped)"
    case .duration(let range):
      "a duration from \(Self.duration(range.lowerBound)) to \(Self.duration(range.upperBound))"
    case .size(let range): "a size from \(formatBytes(range.lowerBound)) to \(formatBytes(range.upperBound))"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: " or ")
    case .time: "a date or time"
    case .list(.choice(let words)): "a list of " + words.map { "`\($0)`" }.joined(separator: ", ")
    case .list(.name): "a list of names"
    case .list: "a list"
    case .mask: "a mask"
    case .map(.mask, _): "masks by column"
    case .map(.section, _): "sections by name"
    case .map: "values by name"
    case .section: "a section"
    case .sections: "a list of sections"
    }
  }

  static func duration(_ duration: Duration) -> String {
    let milliseconds = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    for (unit, factor) in [("h", Int64(3_600_000)), ("min", 60_000), ("s", 1_000)]
    where milliseconds >= factor && milliseconds % factor == 0 {
      return "\(milliseconds / factor)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

extension Int {
  /// 1,000,000.
  fileprivate var grouped: String {
    let digits = Array(String(self))
    return String(
      digits.enumerated().flatMap { place, digit -> [Character] in
        place > 0 && (digits.count - place) % 3 == 0 ? [",", digit] : [digit]
      })
  }
}

/// How a key stands in one entry of the example.
enum SettingExample: Sendable {
  case none
  case live(String)
  /// As a comment: instead of another key, or for a file that not every machine has.
  case commented(String)

  var text: String? {
    switch self {
    case .none: nil
    case .live(let text), .commented(let text): text
    }
  }
}

/// A key in the table.
struct Setting: Sendable {
  let key: String
  let shape: SettingShape
  /// A sentence or two.
  let help: String
  let isRequired: Bool
  /// What holds where the key is left out, as the page shows it.
  let standard: String?
  /// One for each entry of the example's list that holds it.
  let example: [SettingExample]

  init(
    _ key: String, _ shape: SettingShape, _ help: String, required isRequired: Bool = false, standard: String? = nil,
    example: SettingExample...
  ) {
    self.init(key, shape, help, required: isRequired, standard: standard, examples: example)
  }

  private init(
    _ key: String, _ shape: SettingShape, _ help: String, required isRequired: Bool, standard: String?,
    examples: [SettingExample]
  ) {
    self.key = key
    self.shape = shape
    self.help = help
    self.isRequired = isRequired
    self.standard = standard
    self.example = examples
  }

  /// The same where it need not be there.
  var optional: Setting {
    Setting(key, shape, help, required: false, standard: standard, examples: example)
  }

  /// The keys inside.
  var inner: [Setting] {
    switch shape {
    case .section(let settings), .sections(let settings), .map(.section(let settings), _): settings
    default: []
    }
  }
}
