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

extension AuditRecord {
  /// In the order of the lines' members.
  var members: JSONObject {
    let (seconds, attoseconds) = duration.components
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    var members: JSONObject = [
      "time": .string(time), "duration_ms": .number(Double(seconds) * 1_000 + Double(attoseconds) / 1e15),
      "call": .string(callID), "agent": .string(principal.name), "user": text(principal.onBehalfOf),
      "client": text(client), "session": text(session), "trace": text(trace), "tool": .string(tool),
      "connection": text(connection),
      "sql": text(sql), "verdict": text(verdict), "rule": text(rule), "rows": rows.map { .integer(Int64($0)) } ?? .null,
      "outcome": .string(outcome.rawValue), "reason": text(reason),
    ]
    if let result { members["result"] = .string(result) }
    if let configuration { members["configuration"] = .string(configuration) }
    if let proposal { members["proposal"] = .string(proposal) }
    if let rewritten {
      members["rewritten"] = .string(rewritten)
      members["masked"] = .array(masked.map { .string($0) })
      members["filtered"] = .array(filtered.map { .string($0) })
    }
    return members
  }
}
