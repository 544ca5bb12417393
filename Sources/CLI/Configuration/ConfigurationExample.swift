// `pgadvisor config example`: a complete file with comments, from the table of settings.

import Terminal

/// Writes every key of the table once, and more entries where that shows something. Pure.
enum ConfigurationExample {
  static var text: String {
    var text = """
      # pgadvisor.yaml: connections, agents and grants of `pgadvisor serve --config FILE`.
      # Every key is in docs/configuration.md; `pgadvisor config check FILE` says what is wrong. Nothing is granted
      # that is not granted here. Values may name variables of the environment: ${NAME}. Keys behind "#" are
      # alternatives.

      """
    for setting in allSettings {
      text += "\n" + comment(setting, indent: 0)
      text += "\(setting.key):\n"
      switch setting.shape {
      case .sections(let inner):
        let count = inner.map(\.example.count).max() ?? 1
        for entry in 0..<count { text += item(inner, entry) }
      default: text += lines(setting.inner, entry: 0, indent: 2)
      }
    }
    return text
  }

  /// One entry of a list; its first key gets the dash.
  private static func item(_ settings: [Setting], _ entry: Int, indent: Int = 4) -> String {
    let text = lines(settings, entry: entry, indent: indent)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let first = lines.firstIndex(where: { !$0.drop(while: { $0 == " " }).hasPrefix("#") }) else { return text }
    for place in 0..<first { lines[place] = String(lines[place].dropFirst(2)) }
    lines[first] = String(repeating: " ", count: indent - 2) + "- " + lines[first].dropFirst(indent)
    return lines.joined(separator: "\n")
  }

  private static func lines(_ settings: [Setting], entry: Int, indent: Int, isCommented: Bool = false) -> String {
    let margin = String(repeating: " ", count: indent)
    var text = ""
    for setting in settings {
      if !setting.inner.isEmpty {
        guard entry == 0 else { continue }
        if case .sections(let inner) = setting.shape {
          text += comment(setting, indent: indent) + "\(margin)\(setting.key):\n" + item(inner, 0, indent: indent + 4)
          continue
        }
        let isComment = isCommented || setting.inner.allSatisfy { isCommentedOnly($0) }
        text += comment(setting, indent: indent) + "\(margin)\(isComment ? "# " : "")\(setting.key):\n"
        var inner = indent + 2
        if case .map(_, let name) = setting.shape {
          text += "\(margin)\(isComment ? "#   " : "  ")\(name):\n"
          inner += 2
        }
        text += lines(setting.inner, entry: 0, indent: inner, isCommented: isComment)
        continue
      }
      guard setting.example.indices.contains(entry), let value = setting.example[entry].text else { continue }
      let isFirst = !setting.example[..<entry].contains { $0.text != nil }
      if isFirst { text += comment(setting, indent: isCommented ? indent - 2 : indent) }
      if isCommented {
        text += "\(margin.dropLast(2))#   \(setting.key): \(value)\n"
      } else if case .commented = setting.example[entry] {
        text += "\(margin)# \(setting.key): \(value)\n"
      } else {
        text += "\(margin)\(setting.key): \(value)\n"
      }
    }
    return text
  }

  private static func isCommentedOnly(_ setting: Setting) -> Bool {
    setting.example.allSatisfy { example in if case .live = example { false } else { true } }
  }

  /// What a key means, what it takes and what holds without it, as comments of 110 columns.
  private static func comment(_ setting: Setting, indent: Int) -> String {
    var words = setting.help
    if setting.isRequired { words += " Required." }
    if let standard = setting.standard { words += " Default: \(standard)." }
    if case .choice = setting.shape { words += " Takes \(setting.shape.words)." }
    let margin = String(repeating: " ", count: indent) + "# "
    var text = ""
    var line = margin
    for word in words.split(separator: " ") {
      if line.count + word.count > 110 {
        text += line.dropLast() + "\n"
        line = margin
      }
      line += word + " "
    }
    return text + line.dropLast() + "\n"
  }
}
