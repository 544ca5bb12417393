// What is wrong with a configuration, where, and what to do about it.

import JSON
import Terminal
import YAML

/// One finding. An error stops the start, a warning does not. Holds no value that may be a secret.
struct ConfigurationProblem: Error, Sendable, Equatable {
  enum Severity: String, Sendable {
    case error, warning
  }

  var severity: Severity
  /// nil: the file as a whole.
  var place: YAMLPlace?
  /// Without a dot at its end.
  var message: String
  var suggestion: String?

  /// `pgadvisor.yaml:3:5: what is wrong. What to do.`
  func line(in file: String) -> String {
    let where_ = place.map { "\(file):\($0.line):\($0.column)" } ?? file
    let kind = severity == .warning ? "warning: " : ""
    let advice = suggestion.map { ". \($0)" } ?? ""
    return escaped("\(where_): \(kind)\(message)\(advice)")
  }

  func json(in file: String) -> JSONValue {
    [
      "severity": .string(severity.rawValue), "file": .string(file),
      "line": place.map { .integer(Int64($0.line)) } ?? .null,
      "column": place.map { .integer(Int64($0.column)) } ?? .null, "message": .string(message),
      "suggestion": suggestion.map { .string($0) } ?? .null,
    ]
  }
}

/// All that was found so far.
struct ConfigurationProblems: Sendable {
  private(set) var found: [ConfigurationProblem] = []
  /// More than this nobody reads.
  static let limit = 200

  /// Errors that found no place: they count all the same.
  private var isOverfull = false

  /// Words are made only where there is room for them.
  mutating func error(
    _ message: @autoclosure () -> String, at place: YAMLPlace?, _ suggestion: @autoclosure () -> String? = nil
  ) {
    guard found.count < Self.limit else { return isOverfull = true }
    add(ConfigurationProblem(severity: .error, place: place, message: message(), suggestion: suggestion()))
  }

  mutating func warning(
    _ message: @autoclosure () -> String, at place: YAMLPlace?, _ suggestion: @autoclosure () -> String? = nil
  ) {
    // Warnings leave room for errors.
    guard found.count < Self.limit / 2 else { return }
    add(ConfigurationProblem(severity: .warning, place: place, message: message(), suggestion: suggestion()))
  }

  private mutating func add(_ problem: ConfigurationProblem) {
    if !found.contains(problem) { found.append(problem) }
  }

  var hasErrors: Bool { isOverfull || found.contains { $0.severity == .error } }

  /// In the order of the file; what is about all of it comes last.
  var inOrder: [ConfigurationProblem] {
    found.enumerated().sorted { left, right in
      switch (left.element.place, right.element.place) {
      case (let one?, let other?) where one != other: one < other
      case (.some, nil): true
      case (nil, .some): false
      default: left.offset < right.offset
      }
    }.map(\.element)
  }
}
