// Standard output and error by write(2): whole, unbuffered, and quiet when the reader has left.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What became of a text that was written.
package enum Delivery: Sendable, Equatable {
  case complete
  /// The reader has left, as `head` does: nobody is there to be told.
  case readerIsGone
  /// The operating system's reason, for instance a full disk.
  case failed(String)
}

/// The process's own streams.
package enum StandardStreams {
  @discardableResult
  package static func writeOut(_ text: String) -> Delivery { writeAll(text, to: 1) }

  @discardableResult
  package static func writeError(_ text: String) -> Delivery { writeAll(text, to: 2) }

  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns of the terminal; nil where there is none, or one that does not say.
  package static func width(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Lines of the terminal; nil where there is none, or one that does not say.
  package static func height(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
    return Int(size.ws_row)
  }

  /// Colours on this descriptor: only on a terminal, and not where NO_COLOR or TERM=dumb say otherwise.
  package static func style(for descriptor: Int32, environment: [String: String]) -> Style {
    let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    return Style(isColored: isWanted && isTerminal(descriptor))
  }

  private static func writeAll(_ text: String, to descriptor: Int32) -> Delivery {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: waitForRoom(descriptor)
      case EPIPE: return .readerIsGone
      case let reason: return .failed(String(cString: strerror(reason)))
      }
    }
    return .complete
  }

  /// Another process that shares the stream may have made it non-blocking.
  private static func waitForRoom(_ descriptor: Int32) {
    var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&waited, 1, -1)
  }
}
