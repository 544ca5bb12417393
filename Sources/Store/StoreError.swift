// The errors of this room: what kept the store from being read or written.

package struct StoreError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The file cannot be opened, or made.
    case unreachable
    /// It is there, and it is no store, or one of a newer program.
    case foreign
    /// Somebody else writes for longer than we wait.
    case busy
    /// The disk is full, or does not take what is written.
    case full
    /// What is in it cannot be read.
    case damaged
    /// The chain's own books contradict each other, so nothing may be added.
    case broken
  }

  package var code: Code
  package var message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
