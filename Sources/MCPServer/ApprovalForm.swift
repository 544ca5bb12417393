// A proposal as a form in the client of the agent: read by a person, who types the beginning of its hash, or says no.

internal import Governance
internal import JSON

/// The question, and what its answer means. Silence, an empty form and anything else that is no clear yes decide nothing.
enum ApprovalForm {
  enum Decision: Sendable, Equatable {
    case approve(hash: String)
    case reject
    /// Nobody has decided.
    case none
  }

  private static let key = "approval"
  private static let idKey = "proposal"
  /// Characters of the statement. A longer one is not shown in part: it is decided where there is room.
  private static let longest = 4_000

  /// nil: it is not for this client, which cannot be asked, or may not.
  static func question(about proposal: Proposal, in context: ToolContext) -> InputRequired? {
    guard context.governor.isDecidable(proposal, by: context.call.caller),
      proposal.content.text.count + proposal.content.values.reduce(0, { $0 + ($1?.count ?? 4) }) <= longest
    else { return nil }
    let question = InputRequired.Question(
      key: key, method: "elicitation/create",
      parameters: [
        "mode": "form", "message": .string(message(proposal)),
        "requestedSchema": [
          "type": "object",
          "properties": [
            "decision": ["type": "string", "title": "Decision", "enum": ["approve", "reject"]],
            "hash": [
              "type": "string", "title": "Hash", "minLength": 8, "maxLength": 64,
              "description": "To approve: the first eight characters of the hash, typed",
            ],
          ],
          "required": ["decision"],
        ],
      ])
    let client = context.clientContext
    guard ProtocolVersion(rawValue: client.protocolVersion)?.hasElicitation ?? false,
      question.isDeclared(in: client.capabilities)
    else { return nil }
    return InputRequired(questions: [question], state: [idKey: .string(proposal.id)])
  }

  /// What was found out about the change is not in it: the form goes over the agent's connection.
  private static func message(_ proposal: Proposal) -> String {
    let content = proposal.content
    var lines = [
      "Run this on \(visible(proposal.connection)), database \(visible(content.target.database))?", "",
      visibleLines(content.text), "",
    ]
    lines += content.values.enumerated().map { "$\($0 + 1) = \($1.map { visible($0) } ?? "NULL")" }
    let touched = content.relations.isEmpty ? "no table" : content.relations.joined(separator: ", ")
    lines += [
      "It touches \(visible(touched)). pgadvisor proposals show \(proposal.id) tells what it would lock and change.",
      "Hash: \(proposal.digest)",
    ]
    return lines.joined(separator: "\n")
  }

  /// nil: this round of the call is no answer to a form.
  static func answered(in context: CallContext) -> (id: String, decision: Decision)? {
    guard let id = context.state?[idKey]?.string else { return nil }
    guard let answer = context.answers[key], answer["action"] == "accept" else { return (id, .none) }
    let content = answer["content"]
    switch content?["decision"]?.string {
    case "approve": return (id, content?["hash"]?.string.map { .approve(hash: $0) } ?? .none)
    case "reject": return (id, .reject)
    default: return (id, .none)
    }
  }
}
