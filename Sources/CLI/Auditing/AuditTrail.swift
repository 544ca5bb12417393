// Where the records of a server go: into the store's chain, and to a file of JSON lines.

import Governance
import JSON
import Store

/// Both, or one of them, or none. A record that cannot be kept stops the call.
final class AuditTrail: AuditLog {
  let file: AuditFile
  private let writer: AuditWriter?

  init(_ file: AuditFile, _ store: (any AuditStore)?) {
    self.file = file
    writer = store.map { AuditWriter($0) }
  }

  func append(_ record: AuditRecord) async throws(AuditFailure) {
    if let writer { try await Self.append(record.members, to: writer) }
    try await file.append(record)
  }

  /// What is no call: a start, a reload, an end. Only the chain holds it.
  func keep(_ event: AuditEvent) async throws(Refusal) {
    guard let writer else { return }
    do throws(AuditFailure) { try await Self.append(event.members, to: writer) } catch {
      throw Refusal(message: error.message, exitCode: .failure)
    }
  }

  private static func append(_ members: JSONObject, to writer: AuditWriter) async throws(AuditFailure) {
    do throws(StoreError) {
      try await writer.append(JSONValue.object(members).bytes())
    } catch {
      throw AuditFailure(message: "cannot keep the audit: \(error.message)")
    }
  }
}

/// What happened to the server itself.
struct AuditEvent: Sendable {
  enum Kind: String, Sendable {
    case started, reloaded, ended, retired
  }

  let kind: Kind
  let time = AuditRecord.timeNow()
  /// SHA-256 of the configuration file that holds from now on; nil without one.
  var configuration: String?
  /// Of the last record that retention has removed.
  var cut: ChainHead?

  var members: JSONObject {
    var members: JSONObject = [
      "time": .string(time), "event": .string(kind.rawValue), "version": .string(productVersion),
    ]
    if kind != .retired { members["configuration"] = configuration.map { .string($0) } ?? .null }
    if let cut { members["through"] = .string(cut.text) }
    return members
  }

  /// Where a record says that retention has cut.
  static func cut(_ entry: AuditEntry) -> ChainHead? {
    guard let members = try? JSONValue(parsing: entry.record), members["event"]?.string == Kind.retired.rawValue,
      let text = members["through"]?.string
    else { return nil }
    return ChainHead(text)
  }
}
