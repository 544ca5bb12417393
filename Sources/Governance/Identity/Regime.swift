// What holds now: connections and identities together, replaced together.

internal import Synchronization

/// Connections under their governor, and who may use them: one configuration, as loaded.
package struct Regime: Sendable {
  package var governor: Governor
  package var directory: Directory
  /// Whom standard input and output belong to.
  package var localAgent: String?
  /// Who comes without a token; nil: nobody does.
  package var anonymousAgent: String?
  /// From where something is a finding, by name: for the tools that judge.
  package var thresholds: [String: Double]

  package init(
    governor: Governor, directory: Directory, localAgent: String?, anonymousAgent: String? = nil,
    thresholds: [String: Double] = [:]
  ) {
    self.governor = governor
    self.directory = directory
    self.localAgent = localAgent
    self.anonymousAgent = anonymousAgent
    self.thresholds = thresholds
  }
}

/// The regime of this moment. Transports ask it for each message who calls, and the service for each call under which
/// governor: a call that has begun ends under the regime it began with, which goes away with its last call.
package final class CurrentRegime: Sendable {
  private let state: Mutex<Regime>

  package init(_ regime: Regime) { state = Mutex(regime) }

  package var regime: Regime { state.withLock { $0 } }

  package var governor: Governor { regime.governor }

  /// Takes the place of the one before, all at once.
  package func replace(with regime: Regime) { state.withLock { $0 = regime } }

  /// Who comes with this token, or without one; nil: nobody who may come (HTTP: 401).
  package func caller(forToken token: [UInt8]?) -> Caller? {
    let regime = regime
    guard let token else { return regime.anonymousAgent.flatMap { regime.directory.caller(agent: $0) } }
    return regime.directory.caller(forToken: token)
  }

  /// Who speaks over standard input and output; nil: nobody any more.
  package func localCaller() -> Caller? {
    let regime = regime
    return regime.localAgent.flatMap { regime.directory.caller(agent: $0) }
  }

  /// The same agent with what it may do now, the governor and the thresholds of the same regime; nil when it may not come any more, or
  /// acts for somebody else by now.
  package func governed(
    _ caller: Caller
  ) -> (caller: Caller, governor: Governor, thresholds: [String: Double])? {
    let regime = regime
    guard let now = regime.directory.caller(agent: caller.principal.name), now.principal == caller.principal else {
      return nil
    }
    return (now, regime.governor, regime.thresholds)
  }

  /// Whether this agent may still come.
  package func knows(_ principal: Principal) -> Bool {
    regime.directory.caller(agent: principal.name)?.principal == principal
  }
}
