// A tool's arguments, checked against what it takes.

import JSON

/// Arguments under the names that the tool's own list has.
package struct ToolArguments: Sendable {
  private var values: [String: JSONValue] = [:]

  /// - Throws: which argument is unknown, missing or of another type, and what was meant.
  init(_ object: JSONObject, for tool: any Tool) throws(ToolFailure) {
    for (key, sent) in object.entries {
      guard let parameter = tool.parameters.first(where: { $0.name == key || $0.aliases.contains(key) }) else {
        let names = tool.parameters.filter(\.isListed).map(\.name)
        let near = nearestName(to: key, among: names).map { "Did you mean \($0)? " } ?? ""
        let known = names.isEmpty ? "It takes none." : "It takes: \(names.joined(separator: ", "))."
        throw ToolFailure("bad_arguments", "\(tool.name) has no argument \(shortened(key))", hint: near + known)
      }
      if sent == .null { continue }
      let wanted = parameter.schema["type"]?.string ?? ""
      let value = Self.meant(parameter.reading(sent), as: wanted)
      guard values[parameter.name] == nil else {
        throw ToolFailure("bad_arguments", "\(parameter.name) is given twice")
      }
      guard Self.fits(value, wanted) else {
        throw ToolFailure("bad_arguments", "\(parameter.name) has to be of type \(wanted)")
      }
      if let words = parameter.schema["enum"]?.array, !words.contains(value),
        !parameter.known.contains(value.string ?? "")
      {
        let known = words.compactMap(\.string)
        let near = value.string.flatMap { nearestName(to: $0, among: known) }.map { "Did you mean \($0)?" }
        throw ToolFailure(
          "bad_arguments", "\(parameter.name) has to be one of: \(known.joined(separator: ", "))", hint: near)
      }
      if let number = value.double, let least = parameter.schema["minimum"], number < least.double ?? number {
        throw ToolFailure("bad_arguments", "\(parameter.name) has to be at least \(least.text())")
      }
      if let number = value.double, let most = parameter.schema["maximum"], number > most.double ?? number {
        throw ToolFailure("bad_arguments", "\(parameter.name) has to be at most \(most.text())")
      }
      values[parameter.name] = value
    }
    for parameter in tool.parameters where parameter.isRequired && values[parameter.name] == nil {
      if let other = parameter.substitute, values[other] != nil { continue }
      throw ToolFailure("bad_arguments", "\(tool.name) needs the argument \(parameter.name)")
    }
  }

  /// JSON Schema counts 10.0 among the integers, and models write numbers, truth values and lists as strings: where nothing
  /// else can be meant, that is what is meant.
  /// https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1
  private static func meant(_ value: JSONValue, as type: String) -> JSONValue {
    switch (type, value) {
    case ("integer", .number(let number)): Int64(exactly: number).map { .integer($0) } ?? value
    case ("integer", .string(let text)): Int64(text).map { .integer($0) } ?? value
    case ("boolean", .string("true")): true
    case ("boolean", .string("false")): false
    case ("array", .string(let text)) where text.first == "[":
      (try? JSONValue(parsing: text)).flatMap { $0.array == nil ? nil : $0 } ?? value
    default: value
    }
  }

  private static func fits(_ value: JSONValue, _ type: String) -> Bool {
    switch type {
    case "string": value.string != nil
    case "integer": value.integer != nil
    case "number": value.double != nil
    case "boolean": value.bool != nil
    case "array": value.array != nil
    case "object": value.object != nil
    default: true
    }
  }

  subscript(name: String) -> JSONValue? { values[name] }

  func text(_ name: String) -> String? { values[name]?.string }
  func flag(_ name: String, unlessSaid other: Bool = false) -> Bool { values[name]?.bool ?? other }

  func integer(_ name: String) -> Int? { values[name]?.integer.flatMap { Int(exactly: $0) } }

  func seconds(_ name: String, atMost most: Duration) -> Duration? {
    integer(name).map { min(most, .seconds(Int64(max(0, min($0, 1_000_000))))) }
  }

  /// Strings of an array.
  func texts(_ name: String) throws(ToolFailure) -> [String] {
    var texts: [String] = []
    for value in values[name]?.array ?? [] {
      guard let text = value.string else { throw ToolFailure("bad_arguments", "\(name) has to be a list of strings") }
      texts.append(text)
    }
    return texts
  }
}

/// A word of the caller's, to be recognised and no longer than that.
func shortened(_ word: String) -> String {
  let shown = word.prefix(100)
  return visible(shown.endIndex == word.endIndex ? word : shown + "…")
}

/// Control characters, and those that nobody sees or that turn the writing round, as `\u{…}`.
func visible(_ text: String) -> String {
  if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    if isHidden(scalar) {
      shown += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control: scalar != "\t"
  case .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
  default: false
  }
}
