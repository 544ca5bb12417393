// The right to run a proposal, which there is once: in the store before anything runs.

internal import Cryptography
import Database

struct Claim {
  let proposal: Proposal
  private let id = hexadecimal(randomBytes(8))
  private let act: Proposal.Act
  private let desk: ProposalDesk
  private var tries = 0
  /// Of the statements that it is to help.
  var baseline: [StatementBaseline] = []

  init(by act: Proposal.Act, of proposal: Proposal, at desk: ProposalDesk) {
    (self.act, self.proposal, self.desk) = (act, proposal, desk)
  }

  /// Nobody else can run it from here on.
  var isTaken: Bool { tries > 0 }

  /// Returns when it is kept that this transaction runs it.
  /// - Throws: where somebody else does, or has.
  mutating func take(_ identity: TransactionIdentity, lookAt: String?) async throws(ProposalRefusal) {
    let (id, act, number) = (id, act, tries + 1)
    let patience = desk.rules.patience
    _ = try await desk.step(proposal.id, from: number == 1 ? [.approved] : [.running]) {
      proposal, now throws(ProposalRefusal) in
      guard number == 1 || proposal.execution?.id == id else {
        throw ProposalRefusal(.state, "the proposal \(proposal.id) is run by somebody else")
      }
      proposal.state = .running
      proposal.execution = Proposal.Execution(
        id: id, by: number == 1 ? act.at(now) : proposal.execution?.by ?? act, tries: number, identity: identity,
        lease: now + patience, lookAt: lookAt)
    }
    tries = number
  }

  /// Also for whoever was cancelled meanwhile.
  func end(_ state: ProposalState, _ outcome: Proposal.Outcome) async throws(ProposalRefusal) -> Proposal {
    let (desk, id, execution, act) = (desk, proposal.id, isTaken ? self.id : nil, act)
    var outcome = outcome
    if state == .done { outcome.baseline = baseline }
    let said = outcome
    let result = await Task { () -> Result<Proposal, ProposalRefusal> in
      do throws(ProposalRefusal) {
        return .success(try await desk.end(id, of: execution, by: act, state, said))
      } catch {
        return .failure(error)
      }
    }.value
    return try result.get()
  }
}

extension ProposalRules {
  /// Milliseconds in which one try, and the pause behind it, are over.
  fileprivate var patience: Int64 {
    let longest = pause * (1 << max(0, min(tries, 20) - 1))
    return (statementTimeout + lockTimeout + longest + .seconds(60)).milliseconds
  }
}

extension ProposalDesk {
  /// - Parameter execution: nil where none has begun, and now none will.
  fileprivate func end(
    _ id: String, of execution: String?, by act: Proposal.Act, _ state: ProposalState, _ outcome: Proposal.Outcome
  ) async throws(ProposalRefusal) -> Proposal {
    let states: Set<ProposalState> = execution == nil ? [.approved] : [.running, .done, .failed, .unknown]
    return try await step(id, from: states) { proposal, now throws(ProposalRefusal) in
      guard proposal.execution?.id == execution, proposal.state.isFinal ? proposal.outcome?.isFound ?? false : true
      else {
        throw ProposalRefusal(.state, "the proposal \(id) has ended already")
      }
      proposal.state = state
      proposal.outcome = outcome
      if execution == nil { proposal.refusal = act.at(now) }
    }
  }

  /// What somebody else has found out; whoever came first is right.
  func found(
    _ id: String, _ execution: Proposal.Execution, _ state: ProposalState, _ outcome: Proposal.Outcome
  ) async throws(ProposalRefusal) -> Proposal {
    do throws(ProposalRefusal) {
      return try await step(id, from: [.running]) { proposal, _ throws(ProposalRefusal) in
        guard proposal.execution == execution else { throw ProposalRefusal(.state, "another try has begun") }
        proposal.state = state
        proposal.outcome = outcome
      }
    } catch {
      guard error.code == .state, let now = try await find(id) else { throw error }
      return now
    }
  }
}
