// What `judge` reads: a file or standard input, whole or line by line, with bounded memory at any length.

import IndexTuner
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The bounds of what is read.
struct JudgeLimits: Sendable {
  /// The longest line: the longest text that is parsed, 16 MB, with room for its escapes.
  var lineBytes = 32 << 20
  /// What is kept of a longer line, to find its id.
  var keptBytes = 64 << 10
  /// The longest file or standard input that is one text.
  var textBytes = 64 << 20
  /// The longest file of `--setup-sql`.
  var setupBytes = 256 << 20
  /// Answers are written when so many bytes of them wait, or when there is nothing more to read for now.
  var answerBytes = 64 << 10
}

/// A line of input without its line feed.
enum JudgeLine: Equatable {
  case whole([UInt8])
  /// Longer than `JudgeLimits.lineBytes`: only its beginning.
  case tooLong([UInt8])
}

/// A file or standard input. Looks up now and then while it waits: Ctrl-C also ends the wait for somebody who types.
final class JudgeInput {
  private let descriptor: Int32
  private let name: String
  private let stop: StopSignal
  private let limits: JudgeLimits
  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Up to here there is no line feed.
  private var searched = 0
  private var isAtEnd = false
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)

  /// - Parameter path: `-` is standard input.
  init(at path: String, stop: StopSignal, limits: JudgeLimits = JudgeLimits()) throws(Refusal) {
    self.stop = stop
    self.limits = limits
    name = path == "-" ? "standard input" : path
    descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Refusal(message: "cannot read \(path): \(String(cString: strerror(errno)))", exitCode: .failure)
    }
  }

  deinit { if descriptor > 0 { close(descriptor) } }

  /// The whole input.
  func text(limit: Int) throws(Refusal) -> [UInt8] {
    while try fill() {
      guard buffer.count <= limit else {
        throw Refusal(message: "\(name) is larger than \(formatBytes(Int64(limit)))", exitCode: .failure)
      }
    }
    return buffer
  }

  /// Whether the next line is here already, so that nobody is kept waiting for answers while it is read.
  func holdsLine() -> Bool {
    if isAtEnd { return start < buffer.count }
    guard let end = buffer[searched...].firstIndex(of: 0x0a) else {
      searched = buffer.count
      return false
    }
    searched = end
    return true
  }

  /// The next line; nil at the end. A last line without a line feed is one.
  func nextLine() throws(Refusal) -> JudgeLine? {
    while !holdsLine() {
      if buffer.count - start > limits.lineBytes { return .tooLong(try skipLine()) }
      guard try fill() else { return start < buffer.count ? nextOfRest() : nil }
    }
    return nextOfRest()
  }

  private func nextOfRest() -> JudgeLine {
    let end = buffer[searched...].firstIndex(of: 0x0a) ?? buffer.count
    let line = buffer[start..<end]
    start = min(end + 1, buffer.count)
    searched = start
    return line.count > limits.lineBytes
      ? .tooLong(Array(line.prefix(limits.keptBytes))) : .whole(Array(line))
  }

  /// Reads past the end of the line that began, and returns its beginning.
  private func skipLine() throws(Refusal) -> [UInt8] {
    let beginning = Array(buffer[start...].prefix(limits.keptBytes))
    repeat {
      buffer.removeAll(keepingCapacity: false)
      start = 0
      searched = 0
      guard try fill() else { return beginning }
    } while !holdsLine()
    start = searched + 1
    searched = start
    return beginning
  }

  /// False: there is no more.
  private func fill() throws(Refusal) -> Bool {
    if isAtEnd { return false }
    // Lines that were taken go when they are the greater part, so that each byte moves a few times at most.
    if start > buffer.count / 2 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    while true {
      if stop.isRaised { throw Refusal(message: "", exitCode: .interrupted) }
      var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waited, 1, 100) > 0 else { continue }
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count >= 0 else {
        throw Refusal(message: "cannot read \(name): \(String(cString: strerror(errno)))", exitCode: .failure)
      }
      isAtEnd = count == 0
      buffer += chunk[..<count]
      return count > 0
    }
  }
}
