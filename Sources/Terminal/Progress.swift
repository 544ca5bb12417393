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
      StandardStreams.writeError("\r\u{1b}[2K" + elided(text, to: 79))
    }
  }

  package func clear() {
    guard isShown else { return }
    last.withLock { last in
      if !last.isEmpty { StandardStreams.writeError("\r\u{1b}[2K") }
      last = ""
    }
  }
}
