// A seam: where proposed changes are kept, beside the audit's chain and in the same transactions.

internal import Cryptography

/// A proposal as it stands in the store.
package struct ProposalRow: Sendable, Equatable {
  package var id: String
  package var state: String
  package var agent: String
  /// Whom the agent acted for.
  package var user: String?
  package var connection: String
  /// Of what would run, and on what.
  package var digest: String
  /// Milliseconds since 1970, by the store's clock.
  package var created: Int64
  package var expires: Int64
  /// One JSON object that never changes.
  package var body: String
  /// One JSON object: what has come of it so far.
  package var progress: String

  package init(
    id: String, state: String, agent: String, user: String?, connection: String, digest: String, created: Int64 = 0,
    expires: Int64 = 0, body: String, progress: String
  ) {
    self.id = id
    self.state = state
    self.agent = agent
    self.user = user
    self.connection = connection
    self.digest = digest
    self.created = created
    self.expires = expires
    self.body = body
    self.progress = progress
  }
}

/// What becomes of a proposal, and the record of the audit that says so: both are kept, or neither.
package struct ProposalChange: Sendable {
  package var row: ProposalRow
  package var record: [UInt8]

  package init(_ row: ProposalRow, record: [UInt8]) {
    self.row = row
    self.record = record
  }
}

/// What came of putting one there.
package enum ProposalOpening: Sendable, Equatable {
  case opened(ProposalRow)
  /// The same waits already.
  case found(ProposalRow)
  /// So many of this agent wait.
  case tooMany(Int)
}

/// Which ones are wanted.
package struct ProposalFilter: Sendable {
  /// nil: of any. A principal's own are those with the same agent and the same user.
  package var agent: String?
  package var user: String??
  package var states: [String]?

  package init(agent: String? = nil, user: String?? = nil, states: [String]? = nil) {
    self.agent = agent
    self.user = user
    self.states = states
  }

  func takes(_ row: ProposalRow) -> Bool {
    (agent ?? row.agent) == row.agent && (user ?? row.user) == row.user && states?.contains(row.state) ?? true
  }
}

/// Keeps the audit, too: what was called before a proposal stands there.
package protocol ProposalStore: AuditStore {
  /// Puts one there, in the state that it says; returns when it survives a power failure.
  /// - Parameters:
  ///   - lasting: milliseconds from now until it expires.
  ///   - most: of one principal that wait in this state.
  ///   - record: for the audit, made of the row as it is kept.
  func propose(
    _ row: ProposalRow, lasting: Int64, atMost most: Int, saying record: @Sendable @escaping (ProposalRow) -> [UInt8]
  ) async throws(StoreError) -> ProposalOpening
  func proposal(_ id: String) async throws(StoreError) -> ProposalRow?
  /// The newest first, and no more than `StoreLimits.proposals`.
  func proposals(_ filter: ProposalFilter) async throws(StoreError) -> [ProposalRow]
  /// What `body` makes of the proposal as it stands now, by the store's clock: nobody else changes it meanwhile.
  /// - Returns: nil where there is no such proposal.
  func change<Outcome: Sendable>(
    _ id: String, _ body: @Sendable @escaping (ProposalRow, _ now: Int64) -> (Outcome, ProposalChange?)
  ) async throws(StoreError) -> Outcome?
  /// The store's clock.
  func now() async throws(StoreError) -> Int64
}

extension Chain {
  /// Says of a proposal that the store itself put it down: with a key, nobody else can make one that is approved.
  func seal(_ row: ProposalRow) -> [UInt8] {
    var bytes = Array("proposal\0".utf8)
    let texts: [String?] = [
      row.id, row.state, row.agent, row.user, row.connection, row.digest, row.body, row.progress,
    ]
    for text in texts {
      let content = text.map { Array($0.utf8) }
      bytes += Self.bytes(Int64(content?.count ?? -1)) + (content ?? [])
    }
    return digest(bytes + Self.bytes(row.created) + Self.bytes(row.expires))
  }

  func checked(_ row: ProposalRow, seal: [UInt8]) throws(StoreError) -> ProposalRow {
    guard isEqualInConstantTime(seal, self.seal(row)) else {
      throw StoreError(
        code: .broken, message: "the proposal \(row.id) was changed outside of pgadvisor, or the key is another one")
    }
    return row
  }
}
