// `${NAME}` in a value: a variable of the environment, and nothing else.

import YAML

/// One value with what the environment has put into it.
struct Interpolation {
  /// The text, and whether all of it was written in the file.
  let result: (text: String, isWritten: Bool)

  /// - Throws: where a variable is not set, or `${` is no variable.
  init(
    _ text: String, _ environment: [String: String], _ key: String, at place: YAMLPlace
  ) throws(ConfigurationProblem) {
    var (found, isWritten) = ("", true)
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      found += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.hasPrefix("${") {
        found += "${"
        rest = rest.dropFirst(2)
        continue
      }
      guard rest.hasPrefix("{") else {
        found += "$"
        continue
      }
      guard let end = rest.firstIndex(of: "}"), case let name = rest[..<end].dropFirst(), Self.isName(name) else {
        throw ConfigurationProblem(
          severity: .error, place: place, message: "\(key) has a \"${\" that begins no variable of the environment",
          suggestion: "Write ${NAME}, or $${ for the two characters themselves")
      }
      guard let value = environment[String(name)], !value.isEmpty else {
        throw ConfigurationProblem(
          severity: .error, place: place,
          message: "\(key) takes the variable \(name), which the environment does not have",
          suggestion: "Set it before the start, or write the value itself")
      }
      found += value
      isWritten = false
      rest = rest[rest.index(after: end)...]
    }
    result = (found + rest, isWritten)
  }

  static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.count <= 128
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
      }
  }
}
