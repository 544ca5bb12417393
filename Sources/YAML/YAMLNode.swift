// YAML as values: what a document says, and where it says it.

/// A node of a document. Aliases are expanded.
package struct YAMLNode: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    /// Whether a plain scalar is text, a number, a truth value or nothing is decided by who reads it; a quoted one is text.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// In the order of the document; no key twice.
    case map([YAMLEntry])
  }

  package var content: Content
  package var place: YAMLPlace

  package init(_ content: Content, at place: YAMLPlace) {
    self.content = content
    self.place = place
  }

  /// Nothing was written, or `~` or `null`.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A key with what it leads to.
package struct YAMLEntry: Sendable, Equatable {
  package var key: String
  package var place: YAMLPlace
  package var value: YAMLNode

  package init(key: String, at place: YAMLPlace, value: YAMLNode) {
    self.key = key
    self.place = place
    self.value = value
  }
}

/// Line and column, both from 1, in characters.
package struct YAMLPlace: Sendable, Hashable, Comparable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (left: YAMLPlace, right: YAMLPlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// Bounds of a document.
package struct YAMLLimits: Sendable {
  package var bytes = 1 << 20
  /// Lists and maps inside one another.
  package var depth = 64
  /// After aliases were expanded: eight lines of them can stand for more than any memory holds.
  package var nodes = 100_000
  /// Faults that are listed; reading goes on after some of them.
  package var faults = 20

  package init() {}
}

/// Why a text is no document that is taken here.
package struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case tooLarge, encoding, syntax, tooDeep, tooManyNodes, duplicateKey, keyIsNoText, tag, severalDocuments
  }

  /// One thing that is wrong. Holds keys of the document, and never its values.
  package struct Fault: Sendable, Equatable {
    package var code: Code
    package var message: String
    /// nil: the document as a whole.
    package var place: YAMLPlace?

    package init(_ code: Code, _ message: String, at place: YAMLPlace?) {
      self.code = code
      self.message = message
      self.place = place
    }
  }

  /// In the order in which they were found; never empty.
  package var faults: [Fault]

  package var code: Code { faults.first?.code ?? .syntax }

  package var description: String {
    faults.map { fault in fault.place.map { "line \($0.line), column \($0.column): \(fault.message)" } ?? fault.message
    }
    .joined(separator: "; ")
  }
}
