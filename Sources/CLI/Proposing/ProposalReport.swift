// A proposal as whoever decides about it reads it: everything, with what it is bound to.

import Governance
import JSON
import Terminal

struct ProposalReport {
  let proposal: Proposal
  let state: ProposalState
  /// What has changed since, where somebody has looked.
  var drift: [String]?
  /// Whether it has helped.
  var afterwards: [MeasuredAgain]

  init(_ proposal: Proposal, at now: Int64, drift: [String]? = nil, afterwards: [MeasuredAgain] = []) {
    self.afterwards = afterwards
    self.proposal = proposal
    state = proposal.state(at: now)
    self.drift = drift
  }

  static let table = Table(columns: [
    .init("proposal"), .init("state"), .init("created"), .init("agent"), .init("connection"), .init("needs"),
    .init("hash"), .init("statement"),
  ])

  private var agent: String {
    proposal.principal.name + (proposal.principal.onBehalfOf.map { " for \($0)" } ?? "")
  }

  private var needs: String {
    proposal.content.permissions.intersection(Permission.proposable).sorted().map(\.rawValue).joined(separator: ", ")
  }

  var cells: [String] {
    let words = proposal.content.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return [
      proposal.id, state.rawValue, Self.time(proposal.created), agent, proposal.connection, needs, proposal.shortDigest,
      elided(words, to: 80),
    ]
  }

  static func time(_ milliseconds: Int64) -> String { WallTime(seconds: Int(milliseconds / 1_000)).description }

  /// Lines of one's own, so that nothing in the statement or in a name can look like one.
  var text: String {
    let content = proposal.content
    let target = content.target
    var lines = [
      "Proposal \(proposal.id) is \(state.rawValue)", "",
      "  agent       \(agent), by \(content.tool)\(content.client.map { ", with \($0)" } ?? "") (call \(content.callID))",
      "  created     \(Self.time(proposal.created)), expires \(Self.time(proposal.expires))",
      "  connection  \(target.connection): database \(target.database) as \(target.role)"
        + ", cluster \(target.system ?? "unknown")", "  needs       \(needs): \(content.message)",
      "  touches     \(content.relations.isEmpty ? "no table" : content.relations.joined(separator: ", "))",
      "  hash        \(proposal.digest)",
    ]
    for act in [proposal.approval.map { ("approved", $0) }, proposal.refusal.map { ("refused", $0) }] {
      guard let (word, act) = act else { continue }
      lines.append("  \(word)    \(words(act))")
    }
    if let execution = proposal.execution {
      lines.append("  run         \(words(execution.by)), try \(execution.tries)")
    }
    lines += outcome
    var text = lines.map { escaped($0) }.joined(separator: "\n") + "\n\nStatement\n"
    text += Self.quoted(content.text)
    for (place, value) in content.values.enumerated() {
      text += "    $\(place + 1) = \(value.map { escaped($0) } ?? "NULL")\n"
    }
    text += "\nEvidence\n" + evidence.map { "    \(escaped($0))\n" }.joined()
    text += "\nCalls before, in the hour before it was proposed (numbers are those of the audit's records)\n"
    text += earlier.map { "    \(escaped($0))\n" }.joined()
    if !afterwards.isEmpty {
      text += "\nStatements on the same tables, before it ran and since\n"
      text += afterwards.map { "    \(escaped($0.line))\n" }.joined()
    }
    for change in drift ?? [] { text += "\nChanged since: \(escaped(change))\n" }
    return text
  }

  /// What was found out about the change, for people: its own renderer's lines.
  private var evidence: [String] {
    guard let text = proposal.content.evidence else { return ["not examined: nothing is known of what it would do"] }
    guard let value = try? JSONValue(parsing: text), let evidence = ChangeEvidence(json: value) else { return [text] }
    return evidence.lines
  }

  /// One line each; the statement's own lines become one.
  private var earlier: [String] {
    guard let calls = proposal.content.earlier else { return ["not known: the audit could not be read"] }
    guard !calls.isEmpty else { return ["none: it has read nothing here"] }
    return calls.map { call in
      let sql = call.sql.map { ": " + elided($0.split(whereSeparator: \.isWhitespace).joined(separator: " "), to: 120) }
      let rows = call.rows.map { ", \($0) rows" } ?? ""
      let outcome = call.outcome == "success" ? "" : " (\(call.outcome))"
      return "#\(call.number) \(call.time.prefix(19))Z \(call.tool)\(outcome)\(rows)\(sql ?? "")"
    }
  }

  private var outcome: [String] {
    guard let outcome = proposal.outcome else { return [] }
    var words: [String] = []
    if let rows = outcome.rows { words.append("\(rows) rows") }
    if let time = outcome.milliseconds { words.append("\(Int(time)) ms") }
    if let tries = outcome.tries { words.append(tries == 1 ? "1 try" : "\(tries) tries") }
    if let state = outcome.sqlState { words.append("SQLSTATE \(state)") }
    if let message = outcome.message { words.append(message) }
    return ["  outcome     \(words.joined(separator: ", "))"] + (outcome.advice.map { ["              \($0)"] } ?? [])
  }

  private func words(_ act: Proposal.Act) -> String {
    let account = act.account.map { " (account \($0))" } ?? ""
    return "by \(act.person)\(account) at \(Self.time(act.time))\(act.words.map { ": \($0)" } ?? "")"
  }

  private static func quoted(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \(escaped(String($0)))\n" }.joined()
  }

  var json: JSONValue {
    let content = proposal.content
    func act(_ act: Proposal.Act?) -> JSONValue {
      guard let act else { return .null }
      return [
        "person": .string(act.person), "account": act.account.map { .string($0) } ?? .null,
        "time": .string(Self.time(act.time)), "words": act.words.map { .string($0) } ?? .null,
      ]
    }
    var members: JSONObject = [
      "id": .string(proposal.id), "state": .string(state.rawValue), "agent": .string(proposal.principal.name),
      "user": proposal.principal.onBehalfOf.map { .string($0) } ?? .null, "connection": .string(proposal.connection),
      "hash": .string(proposal.digest), "created": .string(Self.time(proposal.created)),
      "expires": .string(Self.time(proposal.expires)), "sql": .string(content.text),
      "parameters": .array(content.values.map { $0.map { .string($0) } ?? .null }),
      "needs": .array(content.permissions.sorted().map { .string($0.rawValue) }), "rule": .string(content.rule),
      "relations": .array(content.relations.map { .string($0) }), "target": content.target.json,
      "evidence": content.evidence.flatMap { try? JSONValue(parsing: $0) } ?? .null, "tool": .string(content.tool),
      "call": .string(content.callID),
      "earlier_calls": content.earlier.map { .array($0.map(\.json)) } ?? .null,
      "client": content.client.map { .string($0) } ?? .null,
      "approval": act(proposal.approval), "refusal": act(proposal.refusal),
      "run": proposal.execution.map { act($0.by) } ?? .null, "outcome": proposal.outcome?.json ?? .null,
    ]
    if !afterwards.isEmpty { members["afterwards"] = .array(afterwards.map(\.json)) }
    if let drift { members["drift"] = .array(drift.map { .string($0) }) }
    return .object(members)
  }
}
