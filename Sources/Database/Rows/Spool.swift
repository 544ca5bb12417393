// What is written once and read in pieces: in memory up to a bound, beyond it in a file without a name.

import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Bytes between a fast writer and a slow reader. What is beyond the bound of memory is in a file that no directory
/// lists: it goes with the spool, however the process ends.
package final class Spool: Sendable {
  private struct State: ~Copyable {
    /// What is not in the file.
    var buffer: [UInt8] = []
    var file: SpoolFile?
    var fileCount = 0
  }

  private let state = Mutex(State())
  private let memory: Int
  private let directory: String
  /// What the file is written in.
  private static let chunk = 256 << 10

  /// - Parameters:
  ///   - memory: bytes that are kept without a file.
  ///   - directory: for the file; that of `TMPDIR` where it is not said.
  package init(memory: Int = 1 << 20, directory: String? = nil) {
    self.memory = max(0, memory)
    self.directory = directory ?? SpoolFile.usualDirectory
  }

  /// Written so far.
  package var count: Int { state.withLock { $0.fileCount + $0.buffer.count } }

  package func append(_ bytes: [UInt8]) throws(DatabaseError) {
    try state.withLock { (state) throws(DatabaseError) in
      state.buffer += bytes
      if state.file == nil ? state.buffer.count > memory : state.buffer.count >= Self.chunk {
        try Self.empty(&state, directory)
      }
    }
  }

  /// Moves all but a little to the file, for bytes that wait for somebody.
  package func settle(keeping little: Int = 65_536) throws(DatabaseError) {
    try state.withLock { (state) throws(DatabaseError) in
      if state.file != nil || state.buffer.count > little { try Self.empty(&state, directory) }
    }
  }

  /// Some of the bytes; fewer behind the end.
  package func bytes(in range: Range<Int>) throws(DatabaseError) -> [UInt8] {
    try state.withLock { (state) throws(DatabaseError) in
      let range = range.clamped(to: 0..<(state.fileCount + state.buffer.count))
      var found: [UInt8] = []
      if range.lowerBound < state.fileCount, let count = state.file?.count(in: range, below: state.fileCount) {
        found = try state.file?.bytes(at: range.lowerBound, count: count) ?? []
      }
      if range.upperBound > state.fileCount {
        found +=
          state.buffer[
            (max(range.lowerBound, state.fileCount) - state.fileCount)..<(range.upperBound - state.fileCount)]
      }
      return found
    }
  }

  private static func empty(_ state: inout State, _ directory: String) throws(DatabaseError) {
    if state.file == nil { state.file = try SpoolFile(in: directory) }
    try state.file?.write(state.buffer, at: state.fileCount)
    state.fileCount += state.buffer.count
    state.buffer = []
  }
}

/// An open file that has no name any more.
struct SpoolFile: ~Copyable, Sendable {
  private let descriptor: Int32

  static var usualDirectory: String {
    guard let named = getenv("TMPDIR"), named.pointee != 0 else { return "/tmp" }
    return String(cString: named)
  }

  private static let noRoom = DatabaseError(
    code: .noRoom, message: "the rows do not fit the temporary space of this server",
    advice: "Ask for fewer rows or columns; an operator finds the space where TMPDIR points")

  init(in directory: String) throws(DatabaseError) {
    var path = Array("\(directory)/pgadvisor.XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw Self.noRoom }
    _ = unlink(path)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  borrowing func count(in range: Range<Int>, below end: Int) -> Int { min(range.upperBound, end) - range.lowerBound }

  borrowing func write(_ bytes: [UInt8], at offset: Int) throws(DatabaseError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.noRoom }
      done += count
    }
  }

  borrowing func bytes(at offset: Int, count: Int) throws(DatabaseError) -> [UInt8] {
    var done = 0
    var found = [UInt8](repeating: 0, count: count)
    while done < count {
      let read = found.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      if read < 0 && errno == EINTR { continue }
      guard read > 0 else {
        throw DatabaseError(code: .noRoom, message: "rows that were kept in a temporary file cannot be read again")
      }
      done += read
    }
    return found
  }
}
