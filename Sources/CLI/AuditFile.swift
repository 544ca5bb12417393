// The audit as a file of JSON lines, each written whole before the answer leaves.

import Governance
import JSON

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
actor AuditFile: AuditLog {
  private var file: AuditDescriptor?

  init(_ file: AuditDescriptor?) { self.file = file }

  /// Goes on in another file, or in the same one under its name of now.
  func take(_ file: AuditDescriptor?) { self.file = file }

  func append(_ record: AuditRecord) throws(AuditFailure) {
    guard let file else { return }
    var bytes = JSONValue.object(record.members).bytes()
    bytes.append(0x0a)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Array(rest).withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw AuditFailure(message: "cannot write the audit: \(String(cString: strerror(errno)))")
      }
      rest = rest.dropFirst(count)
    }
  }
}

extension AuditRecord {
  /// In the order of the lines' members.
  var members: JSONObject {
    let (seconds, attoseconds) = duration.components
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return [
      "time": .string(time), "duration_ms": .number(Double(seconds) * 1_000 + Double(attoseconds) / 1e15),
      "call": .string(callID), "agent": .string(principal.name), "user": text(principal.onBehalfOf),
      "client": text(client), "session": text(session), "trace": text(trace), "tool": .string(tool),
      "connection": text(connection),
      "sql": text(sql), "verdict": text(verdict), "rule": text(rule), "rows": rows.map { .integer(Int64($0)) } ?? .null,
      "outcome": .string(outcome.rawValue), "reason": text(reason),
    ]
  }
}
