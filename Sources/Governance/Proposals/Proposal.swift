// A proposed change: what would run and where, who asks for it, and what has come of it so far.

package import Database
internal import Store

package struct Proposal: Sendable {
  /// Who did something about it, and when.
  package struct Act: Sendable, Equatable {
    /// The user, by the name in the configuration.
    package var person: String
    /// The account of the operating system, where it has another name.
    package var account: String?
    /// Milliseconds since 1970.
    package var time: Int64
    package var words: String?

    package init(person: String, account: String? = nil, time: Int64 = 0, words: String? = nil) {
      self.person = person
      self.account = account
      self.time = time
      self.words = words
    }
  }

  /// One run; there is never a second one.
  package struct Execution: Sendable, Equatable {
    package var id: String
    package var by: Act
    package var tries: Int
    package var identity: TransactionIdentity
    /// Until then whoever runs it may be between two tries, by the store's clock.
    package var lease: Int64
    /// Where it runs outside of a transaction: what to look at when nobody knows how it ended.
    package var lookAt: String?
  }

  package struct Outcome: Sendable, Equatable {
    package var rows: Int?
    package var milliseconds: Double?
    package var tries: Int?
    package var sqlState: String?
    package var message: String?
    package var advice: String?
    /// Found out afterwards, and not said by who ran it.
    package var isFound = false
    /// The statements that it was to help, as they stood when it ran.
    package var baseline: [StatementBaseline] = []

    package init(message: String? = nil) { self.message = message }
  }

  package let id: String
  package var state: ProposalState
  package let principal: Principal
  package let connection: String
  /// What approving it approves.
  package let digest: String
  package let created: Int64
  package var expires: Int64
  package let content: ProposalContent
  package var approval: Act?
  /// A rejection or a withdrawal.
  package var refusal: Act?
  package var execution: Execution?
  package var outcome: Outcome?

  /// What people type to approve it.
  package var shortDigest: String { String(digest.prefix(8)) }

  /// The state with the clock looked at.
  package func state(at now: Int64) -> ProposalState { state.isOpen && now >= expires ? .expired : state }
}

/// What never changes of it.
package struct ProposalContent: Sendable {
  package var text: String
  package var values: [String?]
  /// Everything that the gate says it needs.
  package var permissions: Set<Permission>
  package var rule: String
  package var message: String
  package var relations: [String]
  package var target: ChangeTarget
  /// One JSON object: what was found out about the change; nil: it was not examined.
  package var evidence: String?
  /// Rows that a dry run has touched.
  package var expectedRows: Int?
  package var tool: String
  package var callID: String
  package var client: String?
  package var session: String?
  package var trace: String?
  /// What the agent did before; nil: the audit could not be read.
  package var earlier: [EarlierCall]?
}

/// Why nothing came of it: in words for whoever asked, with the way out.
package struct ProposalRefusal: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// There is none of this name, or it is somebody else's.
    case absent
    /// It is not in the state for this.
    case state
    case expired
    /// The person may not decide this.
    case person
    /// The hash that was typed is another one.
    case hash
    /// Something is not as it was when it was proposed.
    case drift
    /// The agent may not propose this any more.
    case agent
    /// What was typed.
    case usage
    /// The store, or the database.
    case failure
  }

  package var code: Code
  package var message: String
  package var advice: String?

  package init(_ code: Code, _ message: String, advice: String? = nil) {
    self.code = code
    self.message = message
    self.advice = advice
  }

  init(_ error: StoreError) { self.init(.failure, error.message) }

  package var description: String { advice.map { "\(message). \($0)" } ?? message }
}
