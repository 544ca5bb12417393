// The steps of a proposal's life: each is compared with where it stands, and kept before anybody hears of it.

internal import Cryptography
package import Store

/// A value: what it changes is in the store.
package struct ProposalDesk: Sendable {
  let store: any ProposalStore
  package let rules: ProposalRules

  package init(_ store: any ProposalStore, rules: ProposalRules = ProposalRules()) {
    self.store = store
    self.rules = rules
  }

  // MARK: - Agents

  /// Opens one, or finds the same one that waits.
  func open(
    _ content: ProposalContent, by principal: Principal
  ) async throws(ProposalRefusal) -> (proposal: Proposal, isNew: Bool) {
    let proposal = Proposal(
      id: "p-\(hexadecimal(randomBytes(8)))", state: .pending, principal: principal,
      connection: content.target.connection, digest: content.target.digest(of: content.text, content.values),
      created: 0, expires: 0, content: content)
    let opening: ProposalOpening
    do throws(StoreError) {
      opening = try await store.propose(
        proposal.row, lasting: rules.lifetime.milliseconds, atMost: rules.open
      ) { row in Proposal(row)?.record ?? [] }
    } catch {
      throw ProposalRefusal(error)
    }
    switch opening {
    case .opened(let row): return (try Self.read(row), true)
    case .found(let row): return (try Self.read(row), false)
    case .tooMany(let count):
      throw ProposalRefusal(
        .state, "\(count) proposals of yours wait already",
        advice: "Wait for some to be decided, or take one back with proposal_status and withdraw")
    }
  }

  private static func read(_ row: ProposalRow) throws(ProposalRefusal) -> Proposal {
    guard let proposal = Proposal(row) else {
      throw ProposalRefusal(.failure, "the proposal \(row.id) cannot be read: a newer pgadvisor may have written it")
    }
    return proposal
  }

  /// The agent's own; the same words whether there is none or it is another's.
  package func own(_ id: String, of principal: Principal) async throws(ProposalRefusal) -> Proposal {
    guard let proposal = try await find(id), proposal.principal == principal else { throw Self.absent(id) }
    return proposal
  }

  static func absent(_ id: String) -> ProposalRefusal {
    ProposalRefusal(
      .absent, "there is no proposal \(id.prefix(40))", advice: "Without an id, those there are are listed")
  }

  package func withdraw(_ id: String, by principal: Principal) async throws(ProposalRefusal) -> Proposal {
    _ = try await own(id, of: principal)
    return try await step(id, from: [.pending, .approved]) { proposal, now in
      proposal.state = .withdrawn
      proposal.refusal = Proposal.Act(person: principal.onBehalfOf ?? principal.name, time: now, words: "withdrawn")
    }
  }

  // MARK: - People

  package func find(_ id: String) async throws(ProposalRefusal) -> Proposal? {
    let row: ProposalRow?
    do throws(StoreError) { row = try await store.proposal(id) } catch { throw ProposalRefusal(error) }
    return try row.map(Self.read)
  }

  /// The newest first.
  package func list(
    of principal: Principal? = nil, states: [ProposalState]? = nil
  ) async throws(ProposalRefusal) -> [Proposal] {
    var filter = ProposalFilter(states: states?.map(\.rawValue))
    if let principal { (filter.agent, filter.user) = (principal.name, .some(principal.onBehalfOf)) }
    let rows: [ProposalRow]
    do throws(StoreError) { rows = try await store.proposals(filter) } catch { throw ProposalRefusal(error) }
    return rows.compactMap { Proposal($0) }
  }

  package func now() async throws(ProposalRefusal) -> Int64 {
    do throws(StoreError) { return try await store.now() } catch { throw ProposalRefusal(error) }
  }

  /// - Parameter hash: the beginning of its digest, as a person has typed it.
  package func approve(_ id: String, by act: Proposal.Act, hash: String) async throws(ProposalRefusal) -> Proposal {
    let lifetime = rules.lifetime.milliseconds
    return try await step(id, from: [.pending]) { proposal, now throws(ProposalRefusal) in
      guard hash.utf8.count >= 8, proposal.digest.hasPrefix(hash.lowercased()) else {
        throw ProposalRefusal(
          .hash, "that is not what this proposal's hash begins with",
          advice: "pgadvisor proposals show \(id) prints it; type eight characters of it or more")
      }
      proposal.state = .approved
      proposal.approval = act.at(now)
      proposal.expires = now + lifetime
    }
  }

  package func reject(_ id: String, by act: Proposal.Act) async throws(ProposalRefusal) -> Proposal {
    try await step(id, from: [.pending, .approved]) { proposal, now in
      proposal.state = .rejected
      proposal.refusal = act.at(now)
    }
  }

  // MARK: - Steps

  /// One step, if the proposal stands where it may be taken; who comes too late is told so.
  func step(
    _ id: String, from states: Set<ProposalState>,
    _ body: @Sendable @escaping (inout Proposal, _ now: Int64) throws(ProposalRefusal) -> Void
  ) async throws(ProposalRefusal) -> Proposal {
    typealias Result = Swift.Result<Proposal, ProposalRefusal>
    let result: Result?
    do throws(StoreError) {
      result = try await store.change(id) { row, now -> (Result, ProposalChange?) in
        do throws(ProposalRefusal) {
          var proposal = try Self.read(row)
          if proposal.state != .expired, proposal.state(at: now) == .expired {
            proposal.state = .expired
            return (.failure(Self.late(proposal)), proposal.change)
          }
          guard states.contains(proposal.state) else { throw Self.late(proposal) }
          try body(&proposal, now)
          return (.success(proposal), proposal.change)
        } catch {
          return (.failure(error), nil)
        }
      }
    } catch {
      throw ProposalRefusal(error)
    }
    guard let result else { throw Self.absent(id) }
    return try result.get()
  }

  private static func late(_ proposal: Proposal) -> ProposalRefusal {
    if proposal.state == .expired {
      return ProposalRefusal(.expired, "the proposal \(proposal.id) has expired", advice: "It has to be proposed anew")
    }
    let advice: String? =
      switch proposal.state {
      case .pending: "A person has to approve it first: pgadvisor proposals approve \(proposal.id)"
      case .approved: "pgadvisor proposals run \(proposal.id) runs it"
      default: proposal.state.isFinal ? "It has to be proposed anew" : nil
      }
    return ProposalRefusal(.state, "the proposal \(proposal.id) is \(proposal.state.rawValue)", advice: advice)
  }
}

extension Proposal.Act {
  func at(_ now: Int64) -> Proposal.Act {
    var act = self
    act.time = now
    return act
  }
}

extension Duration {
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
  }
}
