// One line on standard error that says what is going on, only while somebody watches.

import Synchronization

/// A status line that rewrites itself; silent unless standard error is a terminal.
package final class Progress: Sendable {
  private let isShown: Bool
  private let last = Mutex("")

  package init(isShown: Bool) { self.isShown = isShown }

  package func show(_ text: String) {
    guard isShown else { return }
    last.withLock { last in
      guard last != text else { return }
      last = text
      StandardStreams.writeError(Self.line(text, terminalWidth: StandardStreams.width(of: 2) ?? 80))
    }
  }

  package func clear() {
    guard isShown else { return }
    last.withLock { last in
      if !last.isEmpty { StandardStreams.writeError(Self.erased) }
      last = ""
    }
  }

  private static let erased = "\r\u{1b}[2K"

  /// One column stays free: a line that fills the last one is continued on the next, where it could not be erased.
  package static func line(_ text: String, terminalWidth: Int) -> String {
    erased + elided(escaped(text), to: max(1, terminalWidth - 1))
  }
}
