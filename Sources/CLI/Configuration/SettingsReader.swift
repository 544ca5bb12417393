// Checks a document against the table of settings, and reports everything that does not fit.

import Governance
import YAML

/// One pass over a document. No message repeats a value: it may be a secret in the wrong place.
struct SettingsReader {
  let environment: [String: String]
  private(set) var problems = ConfigurationProblems()

  init(environment: [String: String]) { self.environment = environment }

  /// - Parameter what: for people: `a connection`, `agents[2]`.
  mutating func section(_ node: YAMLNode, _ settings: [Setting], _ what: String) -> SettingsSection {
    var section = SettingsSection(place: node.place)
    guard case .map(let entries) = node.content else {
      problems.error("\(what) is made of keys and values", at: node.place, "Keys are: \(Self.names(settings))")
      return section
    }
    for entry in entries {
      guard let setting = settings.first(where: { $0.key == entry.key }) else {
        unknown(entry, settings, what)
        continue
      }
      section.written.insert(setting.key)
      if let value = value(entry.value, of: setting.shape, setting.key) { section.values[setting.key] = value }
    }
    for setting in settings where setting.isRequired && !entries.contains(where: { $0.key == setting.key }) {
      problems.error("\(what) lacks \(setting.key)", at: node.place, Self.example(of: setting))
    }
    return section
  }

  private static func names(_ settings: [Setting]) -> String { settings.map(\.key).joined(separator: ", ") }

  private static func example(of setting: Setting) -> String? {
    setting.example.lazy.compactMap(\.text).first.map { "For instance \(setting.key): \($0)" }
  }

  // MARK: - Unknown keys

  private mutating func unknown(_ entry: YAMLEntry, _ settings: [Setting], _ what: String) {
    let shown = namesServer(entry.key) ? "a connection string" : "\"\(entry.key.prefix(40))\""
    let suggestion: String
    if let near = nearest(to: entry.key, among: settings.map(\.key)) {
      suggestion = "Did you mean \(near)?"
    } else if let home = Self.home(of: entry.key, in: allSettings) {
      suggestion = "It belongs to \(home)"
    } else {
      suggestion = "\(what.isEmpty ? "The file" : what.capitalizedFirst) has the keys \(Self.names(settings))"
    }
    problems.error("\(shown) is no key of \(what)", at: entry.place, suggestion)
  }

  /// The section that a key is known in.
  private static func home(of key: String, in settings: [Setting], under path: String = "") -> String? {
    for setting in settings {
      let path = path.isEmpty ? setting.key : "\(path).\(setting.key)"
      if setting.inner.contains(where: { $0.key == key }) { return path }
      if let home = home(of: key, in: setting.inner, under: path) { return home }
    }
    return nil
  }

  // MARK: - Values

  private mutating func value(_ node: YAMLNode, of shape: SettingShape, _ key: String) -> SettingValue? {
    switch (shape, node.content) {
    case (.section(let settings), .map):
      return .init(content: .section(section(node, settings, key)), place: node.place)
    case (.sections(let settings), .list(let items)):
      let sections = items.enumerated().map { place, item in section(item, settings, "\(key)[\(place + 1)]") }
      return .init(content: .sections(sections), place: node.place)
    case (.map(let inner, _), .map(let entries)): return map(entries, of: inner, key, at: node.place)
    case (.mask, .scalar(let text, _)):
      return SettingValue(content: .text(node.isNull ? "null" : text), place: node.place)
    case (.section, _) where node.isNull, (.sections, _) where node.isNull: return nil
    case (_, .scalar) where node.isNull:
      problems.error("\(key) has no value", at: node.place, "Give it one, or leave the key out")
    case (.list(let inner), .list(let items)): return list(items, of: inner, key, at: node.place)
    case (.section(let settings), _):
      problems.error(
        "\(key) is a section", at: node.place, "Its keys are \(Self.names(settings)), one a line, indented")
    case (.map, _):
      problems.error("\(key) holds names with their values", at: node.place, "One a line, indented")
    case (.sections, _):
      problems.error("\(key) is a list of sections", at: node.place, "Begin each with \"- \"")
    case (.list(let inner), .scalar): problems.error("\(key) is a list", at: node.place, Self.listAdvice(inner))
    case (_, .scalar(let text, let isPlain)): return scalar(text, isPlain: isPlain, of: shape, key, at: node.place)
    default: problems.error("\(key) is one value (\(shape.words)), and no list or section", at: node.place)
    }
    return nil
  }

  private static func listAdvice(_ inner: SettingShape) -> String {
    if case .choice(let words) = inner { return "For instance [\(words.prefix(2).joined(separator: ", "))]" }
    return "Put it in brackets, with commas between: [one, two]"
  }

  private mutating func list(
    _ items: [YAMLNode], of shape: SettingShape, _ key: String, at place: YAMLPlace
  ) -> SettingValue? {
    guard !items.isEmpty else {
      problems.error("\(key) is an empty list, which would allow nothing", at: place, "Leave the key out, or fill it")
      return nil
    }
    var values: [SettingValue] = []
    var texts: Set<String> = []
    for item in items {
      guard let value = value(item, of: shape, "an element of \(key)") else { continue }
      if let text = value.text, !texts.insert(text).inserted {
        problems.error("an element of \(key) stands there twice", at: item.place, "Take one away")
      } else {
        values.append(value)
      }
    }
    return SettingValue(content: .list(values), place: place)
  }

  private mutating func map(
    _ entries: [YAMLEntry], of shape: SettingShape, _ key: String, at place: YAMLPlace
  ) -> SettingValue? {
    guard !entries.isEmpty else {
      problems.error("\(key) is empty", at: place, "Leave the key out, or fill it")
      return nil
    }
    let values = entries.compactMap { entry in
      value(entry.value, of: shape, "\(key).\(entry.key.prefix(64))").map { (entry.key, entry.place, $0) }
    }
    return SettingValue(content: .map(values), place: place)
  }

  private mutating func scalar(
    _ text: String, isPlain: Bool, of shape: SettingShape, _ key: String, at place: YAMLPlace
  ) -> SettingValue? {
    var (text, isWritten) = (text, true)
    if shape.isInterpolated {
      do throws(ConfigurationProblem) {
        (text, isWritten) = try Interpolation(text, environment, key, at: place).result
      } catch {
        problems.error(error.message, at: place, error.suggestion)
        return nil
      }
      guard !text.isEmpty else {
        problems.error("\(key) is empty", at: place, "Give it a value, or leave the key out")
        return nil
      }
      guard !text.utf8.contains(0), text.utf8.count <= 65_536 else {
        problems.error("\(key) is no text that is taken here: it is too long, or holds NUL", at: place)
        return nil
      }
    }
    guard let content = content(text, isPlain: isPlain, of: shape, key, at: place) else { return nil }
    return SettingValue(content: content, place: place, isWritten: isWritten)
  }

  private mutating func content(
    _ text: String, isPlain: Bool, of shape: SettingShape, _ key: String, at place: YAMLPlace
  ) -> SettingValue.Content? {
    switch shape {
    case .text, .secret, .path: return .text(text)
    case .name:
      guard Self.isName(text) else {
        problems.error(
          "\(key) is a name: 1 to 64 of letters, digits and . _ - @ +", at: place,
          text.contains("${") ? "Names are written out; the environment is for other values" : nil)
        return nil
      }
      return .text(text)
    case .choice(let words):
      guard words.contains(text) else {
        let near = nearest(to: text, among: words).map { "Did you mean \($0)?" }
        problems.error("\(key) is one of \(words.joined(separator: ", "))", at: place, near)
        return nil
      }
      return .text(text)
    case .integer(let range):
      if let number = Int(text.filter { $0 != "_" }), range.contains(number), isPlain { return .integer(number) }
    case .number(let range):
      if let number = Double(text.filter { $0 != "_" }), range.contains(number), isPlain { return .number(number) }
    case .duration(let range):
      if let duration = ValueReader.duration(text), range.contains(duration) { return .duration(duration) }
    case .size(let range):
      if let size = ValueReader.bytes(text), range.contains(size) { return .size(size) }
    case .time: if let time = WallTime(text) { return .time(time) }
    case .list, .section, .sections, .map, .mask: return nil
    }
    problems.error("\(key) is \(shape.words)", at: place, Self.advice(on: shape, isPlain: isPlain))
    return nil
  }

  private static func advice(on shape: SettingShape, isPlain: Bool) -> String? {
    switch shape {
    case .integer, .number: isPlain ? nil : "Write it without quotes"
    case .duration: "For instance 500ms, 30s, 5min or 1h"
    case .size: "For instance 64kB, 500MB or 1.5GB"
    case .time: "For instance 2027-12-31, or 2027-12-31T18:00:00Z"
    default: nil
    }
  }

  static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
          || "._-@+".unicodeScalars.contains(scalar)
      }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
