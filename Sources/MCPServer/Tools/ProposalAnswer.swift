// A proposal as its agent sees it: where it stands and what happens next. Who decides is nobody's business here.

import Governance
import JSON
import Terminal

struct ProposalAnswer {
  let proposal: Proposal
  /// Of the store's clock; what has expired says so before anybody has written it down.
  let state: ProposalState
  /// False: the same statement waited already.
  let isNew: Bool
  /// A form was shown, or was to be, and nobody has decided.
  let isAsked: Bool

  init(_ proposal: Proposal, at now: Int64 = 0, isNew: Bool = true, isAsked: Bool = false) {
    self.isAsked = isAsked
    self.proposal = proposal
    self.isNew = isNew
    state = proposal.state(at: now)
  }

  static let output: JSONObject = [
    "type": "object", "properties": ["id": ["type": "string"], "state": ["type": "string"]],
  ]

  var answer: ToolAnswer {
    var lines = ["\(proposal.id) is \(state.rawValue). \(next)"]
    if isAsked { lines.insert("No approval was obtained in the client.", at: 0) }
    if !isNew { lines.insert("The same statement waits already.", at: 0) }
    if let outcome = proposal.outcome, let message = outcome.message {
      var failure = ToolFailure("failed", message, hint: outcome.advice, sqlState: outcome.sqlState)
      failure.isOurs = outcome.sqlState == nil
      lines.append(failure.text)
    } else if let rows = proposal.outcome?.rows {
      lines.append("\(rows) rows were touched.")
    }
    return ToolAnswer(text: lines.joined(separator: "\n"), structured: ["proposal": .object(members)])
  }

  private var next: String {
    switch state {
    case .pending: "Nothing has run: a person decides. proposal_status with this id tells what came of it."
    case .approved: "A person has approved it, and it will be run by one."
    case .rejected:
      (proposal.refusal?.words).map { "A person has said no: \(visible($0))" } ?? "A person has said no."
    case .expired: "Nobody has decided in time; send the statement again if it is still wanted."
    case .withdrawn: "You have taken it back."
    case .running: "It runs now."
    case .done: "It ran, and what it did is kept."
    case .failed: "Nothing more happens with it; a new proposal is needed."
    case .unknown: "Who ran it was interrupted, and a person has to look at what was kept."
    }
  }

  var members: JSONObject {
    var members: JSONObject = [
      "id": .string(proposal.id), "state": .string(state.rawValue), "connection": .string(proposal.connection),
      "needs": .array(proposal.content.permissions.sorted().map { .string($0.rawValue) }),
      "created": .string(Self.time(proposal.created)), "expires": .string(Self.time(proposal.expires)),
      "next": .string(next),
    ]
    if var outcome = proposal.outcome {
      // Statements of others are not the agent's business.
      outcome.baseline = []
      members["outcome"] = outcome.json
    }
    return members
  }

  /// One line of a list.
  var line: String {
    let words = proposal.content.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return visible("\(proposal.id)  \(state.rawValue)  \(proposal.connection)  \(words.prefix(80))")
  }

  private static func time(_ milliseconds: Int64) -> String { WallTime(seconds: Int(milliseconds / 1_000)).description }
}
