// Where a proposal is in its life, and which steps there are.

/// `pending` → `approved` | `rejected` | `expired` | `withdrawn`; `approved` → `running` → `done` | `failed` | `unknown`.
package enum ProposalState: String, Sendable, CaseIterable {
  /// Waits for a person.
  case pending
  /// A person has said yes, once.
  case approved
  case rejected
  /// Nobody has said anything in time, or nobody has run it.
  case expired
  /// The agent has taken it back.
  case withdrawn
  /// Somebody has begun to run it; nobody else can.
  case running
  /// It ran, and what it did is kept.
  case done
  /// Nothing of it was kept, as far as PostgreSQL undoes things; or it ran outside of a transaction and failed.
  case failed
  /// Who ran it was killed, and nobody can say what was kept.
  case unknown

  /// Nothing follows.
  package var isFinal: Bool { self != .pending && self != .approved && self != .running }

  var isOpen: Bool { self == .pending || self == .approved }
}
