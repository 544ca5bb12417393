// One database that callers can reach, as configured.

package import Database

/// A connection with its limits. Immutable; a reload replaces it whole.
package struct GovernedConnection: Sendable, Equatable {
  package enum Mode: String, Sendable, CaseIterable {
    /// What is not proven harmless for the granted permission is refused, and so is text that the parser does not know.
    case restricted
    /// Text that the parser or the reader does not know counts as `admin` as well, and runs where that is granted, one
    /// statement at a time in a transaction of its own. What controls the transaction or the session is refused as ever.
    case unrestricted
  }

  /// How callers name it.
  package var name: String
  package var target: ConnectionTarget
  package var mode = Mode.restricted
  /// Schemas whose relations callers may touch; nil: all. System schemas count like others.
  package var schemas: Set<String>?
  package var limits = ExecutionLimits()
  package var pool = PoolLimits()
  /// Signatures an operator vouches for, as `GateOptions.allowedFunctions` has them.
  package var allowedFunctions: Set<String> = []

  package init(name: String, target: ConnectionTarget) {
    self.name = name
    self.target = target
  }
}
