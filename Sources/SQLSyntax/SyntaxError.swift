// What can go wrong between SQL text and a parse tree.

/// Why a text gave no parse tree. `message` is PostgreSQL's own for `.syntax`, one line, for people.
package struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// PostgreSQL's grammar refuses the text.
    case syntax
    /// Not text at all: a NUL byte, or bytes that are not UTF-8.
    case encoding
    /// More bytes than `SyntaxLimits.textBytes`.
    case tooLong
    /// Nested more deeply than `SyntaxLimits.treeDepth`.
    case tooDeep
    /// libpg_query is of a major version this program has no schema for, or gave a tree that does not follow it.
    case parserMismatch
    /// A tree that cannot be turned into text that says the same.
    case unwritable
    /// No memory or thread to parse with.
    case resources
  }

  package let code: Code
  package let message: String
  /// Where, in bytes from the beginning of the text, if known.
  package let position: Int?

  package init(_ code: Code, _ message: String, position: Int? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }

  package var description: String {
    if let position { "\(message) (at byte \(position))" } else { message }
  }
}
