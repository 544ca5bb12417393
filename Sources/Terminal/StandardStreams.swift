// Standard output and error by write(2): whole, unbuffered, and quiet when the reader has left.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process's own streams.
package enum StandardStreams {
  /// False when the reader is gone.
  @discardableResult
  package static func writeOut(_ text: String) -> Bool { writeAll(text, to: 1) }

  @discardableResult
  package static func writeError(_ text: String) -> Bool { writeAll(text, to: 2) }

  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Colours on this descriptor: only on a terminal, and not where NO_COLOR or TERM=dumb say otherwise.
  package static func style(for descriptor: Int32, environment: [String: String]) -> Style {
    let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    return Style(isColored: isWanted && isTerminal(descriptor))
  }

  private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}
