// What the file says, checked against the table: values of the right kind, each with its place.

import Governance
import YAML

/// One value of the right shape.
struct SettingValue: Sendable {
  enum Content: Sendable {
    /// Names, texts, paths, choices.
    case text(String)
    case integer(Int)
    case number(Double)
    case duration(Duration)
    case size(Int64)
    case time(WallTime)
    case list([SettingValue])
    case section(SettingsSection)
    case sections([SettingsSection])
    /// In the order of the file.
    case map([(key: String, place: YAMLPlace, value: SettingValue)])
  }

  var content: Content
  var place: YAMLPlace
  /// Whether all of it stands in the file, and none of it in the environment.
  var isWritten = true

  var text: String? { if case .text(let text) = content { text } else { nil } }
}

/// The values of one section, by key.
struct SettingsSection: Sendable {
  var place: YAMLPlace
  var values: [String: SettingValue] = [:]
  /// Keys that were written, also those whose value was complained about.
  var written: Set<String> = []

  func text(_ key: String) -> String? { values[key]?.text }

  func integer(_ key: String) -> Int? {
    if case .integer(let number) = values[key]?.content { number } else { nil }
  }

  /// Every number that was written, by its key.
  var numbers: [(key: String, value: Double)] {
    values.sorted { $0.key < $1.key }.compactMap { key, value in
      if case .number(let number) = value.content { (key, number) } else { nil }
    }
  }

  func duration(_ key: String) -> Duration? {
    if case .duration(let duration) = values[key]?.content { duration } else { nil }
  }

  func size(_ key: String) -> Int64? { if case .size(let size) = values[key]?.content { size } else { nil } }

  func time(_ key: String) -> WallTime? { if case .time(let time) = values[key]?.content { time } else { nil } }

  /// The elements of a list, each with its place; nil where the key is not there.
  func list(_ key: String) -> [SettingValue]? {
    if case .list(let values) = values[key]?.content { values } else { nil }
  }

  func texts(_ key: String) -> [String]? { list(key)?.compactMap(\.text) }

  func section(_ key: String) -> SettingsSection? {
    if case .section(let section) = values[key]?.content { section } else { nil }
  }

  func sections(_ key: String) -> [SettingsSection] {
    if case .sections(let sections) = values[key]?.content { sections } else { [] }
  }

  /// What stands under names that the table does not know.
  func map(_ key: String) -> [(key: String, place: YAMLPlace, value: SettingValue)] {
    if case .map(let entries) = values[key]?.content { entries } else { [] }
  }

  /// Where a key's value stands, or the section.
  func place(_ key: String) -> YAMLPlace { values[key]?.place ?? place }
}
