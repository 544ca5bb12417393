// A record of the audit as JSON.

package import JSON

extension AuditRecord {
  /// In the order of the lines' members.
  package var members: JSONObject {
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
