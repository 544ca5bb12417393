// `proposal_status`: where the caller's own proposals stand.

import Governance
import JSON

struct ProposalStatus: Tool {
  let name = "proposal_status"
  let title = "Proposal status"
  let summary = "Tells where a proposal of yours stands; without an id lists them. withdraw takes one back."
  let parameters: [ToolParameter] = [
    ToolParameter("proposal_id", aliases: ["id"], ["type": "string"]),
    ToolParameter("withdraw", ["type": "boolean"]),
  ]
  let output: JSONObject = ["proposal": .object(ProposalAnswer.output), "proposals": ToolOutput.objects]
  let hints = ToolHints(isReadOnly: false, isIdempotent: true)
  let unlockedBy: Set<Permission> = []

  /// Of those that are listed.
  private static let shown = 50

  /// Also for whoever has some from before.
  package func isUnlocked(for caller: Caller) -> Bool { !caller.proposed.isEmpty }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    do throws(GovernedFailure) {
      let (all, now) = try await context.governor.proposals(for: context.call)
      guard let id = arguments.text("proposal_id") else {
        let answers = all.prefix(Self.shown).map { ProposalAnswer($0, at: now) }
        return ToolAnswer(
          text: answers.isEmpty ? "You have proposed nothing." : answers.map(\.line).joined(separator: "\n"),
          structured: ["proposals": .array(answers.map { .object($0.members) })])
      }
      let proposal =
        arguments["withdraw"]?.bool == true
        ? try await context.governor.withdraw(id, for: context.call)
        : try await context.governor.proposal(id, for: context.call)
      return ProposalAnswer(proposal, at: now).answer
    } catch {
      throw ToolFailure(error)
    }
  }
}
