// Proposals to rows of the store and back, and the records that the audit has of their steps.

internal import Database
package import JSON
import Store

extension Proposal {
  init?(_ row: ProposalRow) {
    guard let state = ProposalState(rawValue: row.state), let body = try? JSONValue(parsing: row.body),
      let progress = try? JSONValue(parsing: row.progress), let content = ProposalContent(body)
    else { return nil }
    self.init(
      id: row.id, state: state, principal: Principal(name: row.agent, onBehalfOf: row.user),
      connection: row.connection, digest: row.digest, created: row.created, expires: row.expires, content: content,
      approval: Act(progress["approval"]), refusal: Act(progress["refusal"]),
      execution: Execution(progress["execution"]), outcome: Outcome(progress["outcome"]))
  }

  var row: ProposalRow {
    ProposalRow(
      id: id, state: state.rawValue, agent: principal.name, user: principal.onBehalfOf, connection: connection,
      digest: digest, created: created, expires: expires, body: content.json.text(), progress: progress.text())
  }

  private var progress: JSONValue {
    var members = JSONObject()
    members["approval"] = approval?.json
    members["refusal"] = refusal?.json
    members["execution"] = execution?.json
    members["outcome"] = outcome?.json
    return .object(members)
  }

  /// The row and its record.
  var change: ProposalChange { ProposalChange(row, record: record) }

  /// One record of the audit: which step, and both identities.
  var record: [UInt8] {
    let act = state == .approved ? approval : refusal ?? execution?.by
    var members: JSONObject = [
      "time": .string(AuditRecord.timeNow()), "event": "proposal", "proposal": .string(id),
      "state": .string(state.rawValue), "agent": .string(principal.name), "user": text(principal.onBehalfOf),
      "connection": .string(connection), "hash": .string(digest),
    ]
    if state != .pending {
      members["person"] = text(act?.person)
      members["account"] = text(act?.account)
    } else {
      members["call"] = .string(content.callID)
      members["sql"] = .string(content.text)
    }
    if let execution { members["execution"] = .string(execution.id) }
    if let outcome {
      members["rows"] = outcome.rows.map { .integer(Int64($0)) } ?? .null
      members["duration_ms"] = outcome.milliseconds.map { .number($0) } ?? .null
      members["reason"] = text(outcome.sqlState ?? outcome.message)
    } else if let words = act?.words {
      members["reason"] = .string(words)
    }
    return JSONValue.object(members).bytes()
  }
}

private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

extension ProposalContent {
  fileprivate init?(_ json: JSONValue) {
    guard let sql = json["sql"]?.string, let values = json["parameters"]?.array,
      let permissions = json["permissions"]?.array, let target = ChangeTarget(json["target"])
    else { return nil }
    self.init(
      text: sql, values: values.map(\.string),
      permissions: Set(permissions.compactMap(\.string).compactMap(Permission.init)),
      rule: json["rule"]?.string ?? "", message: json["message"]?.string ?? "",
      relations: json["relations"]?.array?.compactMap(\.string) ?? [], target: target,
      evidence: json["evidence"]?.string, expectedRows: json["expected_rows"]?.integer.map { Int($0) },
      tool: json["tool"]?.string ?? "", callID: json["call"]?.string ?? "", client: json["client"]?.string,
      session: json["session"]?.string, trace: json["trace"]?.string,
      earlier: json["earlier"]?.array.map { $0.compactMap { EarlierCall($0) } })
  }

  fileprivate var json: JSONValue {
    [
      "sql": .string(text), "parameters": .array(values.map { $0.map { .string($0) } ?? .null }),
      "permissions": .array(permissions.sorted().map { .string($0.rawValue) }), "rule": .string(rule),
      "message": .string(message), "relations": .array(relations.map { .string($0) }), "target": target.json,
      "evidence": evidence.map { .string($0) } ?? .null,
      "expected_rows": expectedRows.map { .integer(Int64($0)) } ?? .null, "tool": .string(tool),
      "call": .string(callID), "client": client.map { .string($0) } ?? .null,
      "session": session.map { .string($0) } ?? .null, "trace": trace.map { .string($0) } ?? .null,
      "earlier": earlier.map { .array($0.map(\.json)) } ?? .null,
    ]
  }
}

extension Proposal.Act {
  fileprivate init?(_ json: JSONValue?) {
    guard let person = json?["person"]?.string, let time = json?["time"]?.integer else { return nil }
    self.init(person: person, account: json?["account"]?.string, time: time, words: json?["words"]?.string)
  }

  fileprivate var json: JSONValue {
    ["person": .string(person), "account": text(account), "time": .integer(time), "words": text(words)]
  }
}

extension Proposal.Execution {
  fileprivate init?(_ json: JSONValue?) {
    guard let id = json?["id"]?.string, let by = Proposal.Act(json?["by"]), let tries = json?["tries"]?.integer,
      let backend = json?["backend"]?.integer, let backendStart = json?["backend_start"]?.string,
      let serverStart = json?["server_start"]?.string, let lease = json?["lease"]?.integer
    else { return nil }
    self.init(
      id: id, by: by, tries: Int(tries),
      identity: TransactionIdentity(
        transaction: json?["transaction"]?.string, backend: Int(backend), backendStart: backendStart,
        serverStart: serverStart), lease: lease, lookAt: json?["look_at"]?.string)
  }

  fileprivate var json: JSONValue {
    [
      "id": .string(id), "by": by.json, "tries": .integer(Int64(tries)), "transaction": text(identity.transaction),
      "backend": .integer(Int64(identity.backend)), "backend_start": .string(identity.backendStart),
      "server_start": .string(identity.serverStart), "lease": .integer(lease), "look_at": text(lookAt),
    ]
  }
}

extension Proposal.Outcome {
  fileprivate init?(_ json: JSONValue?) {
    guard json?.object != nil else { return nil }
    rows = json?["rows"]?.integer.map { Int($0) }
    milliseconds = json?["duration_ms"]?.double
    tries = json?["tries"]?.integer.map { Int($0) }
    sqlState = json?["sqlstate"]?.string
    message = json?["message"]?.string
    advice = json?["advice"]?.string
    isFound = json?["found"]?.bool ?? false
    baseline = (json?["baseline"]?.array ?? []).compactMap { StatementBaseline(json: $0) }
  }

  package var json: JSONValue {
    [
      "rows": rows.map { .integer(Int64($0)) } ?? .null, "duration_ms": milliseconds.map { .number($0) } ?? .null,
      "tries": tries.map { .integer(Int64($0)) } ?? .null, "sqlstate": text(sqlState), "message": text(message),
      "advice": text(advice), "found": .bool(isFound), "baseline": .array(baseline.map(\.json)),
    ]
  }
}
