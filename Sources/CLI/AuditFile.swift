// The audit as a file of JSON lines, each written whole before the answer leaves.

import Governance
import JSON
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is open for one more line; closed with its last user.
final class AuditDescriptor: Sendable {
  fileprivate let number: Int32

  /// - Throws: when the file can neither be opened nor made; only its owner may read what is made.
  init(at path: String) throws(AuditFailure) {
    number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else {
      throw AuditFailure(message: "cannot write the audit to \(path): \(String(cString: strerror(errno)))")
    }
  }

  deinit { if number >= 0 { close(number) } }
}

/// Appends to one file, or to none. A line that cannot be written whole stops the call.
final class AuditFile: AuditLog {
  /// Held while a line is written, so that each stands whole; each is made beforehand.
  private let file: Mutex<AuditDescriptor?>

  init(_ file: AuditDescriptor?) { self.file = Mutex(file) }

  /// Goes on in another file, or in the same one under its name of now.
  func take(_ file: AuditDescriptor?) { self.file.withLock { $0 = file } }

  func append(_ record: AuditRecord) async throws(AuditFailure) {
    guard file.withLock({ $0 != nil }) else { return }
    var line = JSONValue.object(record.members).bytes()
    line.append(0x0a)
    try file.withLock { (file) throws(AuditFailure) in
      guard let file else { return }
      try Self.append(line, to: file)
    }
  }

  private static func append(_ line: [UInt8], to file: AuditDescriptor) throws(AuditFailure) {
    var written = 0
    while written < line.count {
      let count = line.withUnsafeBytes { bytes in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        return write(file.number, rest.baseAddress, rest.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw AuditFailure(message: "cannot write the audit: \(String(cString: strerror(errno)))")
      }
      written += count
    }
  }
}
