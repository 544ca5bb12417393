// The terminal's second screen, which a program draws on and which leaves the first one as it was.

import Synchronization
import Terminal

/// Entered by a command, and left on every way out: whoever leaves twice does no harm.
final class AlternateScreen: Sendable {
  private let isEntered = Mutex(false)

  func enter() {
    isEntered.withLock { isEntered in
      if !isEntered { StandardStreams.writeOut("\u{1b}[?1049h\u{1b}[?25l") }
      isEntered = true
    }
  }

  func leave() {
    isEntered.withLock { isEntered in
      if isEntered { StandardStreams.writeOut("\u{1b}[?25h\u{1b}[?1049l") }
      isEntered = false
    }
  }

  /// Over what was there, without a flicker: each line is cleared behind its text, and all below the last one.
  static func frame(_ lines: [String]) -> String {
    "\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\n") + "\u{1b}[J"
  }
}
