// The only key to execution: made by the gate, for one text, one principal and one session, and spent once.

package import Database

/// Who asks: an agent, and the person it acts for.
package struct Principal: Sendable, Hashable {
  package var name: String
  package var onBehalfOf: String?

  package init(name: String, onBehalfOf: String? = nil) {
    self.name = name
    self.onBehalfOf = onBehalfOf
  }
}

/// What somebody may do, and through which tool they ask.
package struct Grants: Sendable, Hashable {
  package var principal: Principal
  package var permissions: Set<Permission>
  /// What needs one of these as well may be proposed.
  package var proposed: Set<Permission>
  /// nil: nothing is hidden.
  package var policy: EffectivePolicy?

  package init(
    _ principal: Principal, _ permissions: Set<Permission>, proposed: Set<Permission> = [],
    policy: EffectivePolicy? = nil
  ) {
    self.principal = principal
    self.permissions = permissions
    self.proposed = proposed
    self.policy = policy
  }

  var ceilings: Ceilings { policy?.limits.ceilings ?? Ceilings() }

  /// Those of whoever was approved by a person.
  var approved: Grants { Grants(principal, permissions.union(proposed), policy: policy) }
}

/// Cannot be copied, and cannot be made outside this file: whoever has one has the gate's word for exactly this text.
package struct Admission: ~Copyable, Sendable {
  package let text: String
  package let verdict: Verdict
  package let principal: Principal
  /// The session whose catalog the text was judged by.
  let session: ObjectIdentifier
  /// Whether the transaction it runs in may write.
  let access: Access

  enum Access: Sendable {
    case readOnly, readWrite
  }

  fileprivate init(
    _ text: String, _ verdict: Verdict, principal: Principal, session: ObjectIdentifier, access: Access
  ) {
    self.text = text
    self.verdict = verdict
    self.principal = principal
    self.session = session
    self.access = access
  }
}

/// Whether somebody may run a text.
package enum Decision: ~Copyable, Sendable {
  case admitted(Admission)
  /// With the verdict that says what was lacking.
  case refused(Verdict)
  /// Everything is in order, and a person has to approve it.
  case proposed(Verdict)
}

extension Gate {
  /// Judges a text and, if the grants cover everything it needs, makes the key that runs it.
  ///
  /// - Parameter session: on whose catalog this gate stands.
  package mutating func admit(
    _ text: String, by grants: Grants, on session: Session
  ) async throws(GateFailure) -> Decision {
    Self.decide(try await judge(text, under: grants.policy), text, by: grants, on: session)
  }

  /// The same from what is remembered: nil when a name was never looked up.
  package mutating func admitFromMemory(_ text: String, by grants: Grants, on session: Session) -> Decision? {
    judgeFromMemory(text, under: grants.policy).map { Self.decide($0, text, by: grants, on: session) }
  }

  private static func decide(
    _ verdict: Verdict, _ text: String, by grants: Grants, on session: Session
  ) -> Decision {
    if verdict.isRejected { return .refused(verdict) }
    let lacking = verdict.permissions.subtracting(grants.permissions)
    let isProposed = !lacking.isEmpty && lacking.isSubset(of: grants.proposed)
    guard lacking.isEmpty || isProposed else { return .refused(verdict.lacking(lacking)) }
    guard verdict.rule != "copy-to" && verdict.rule != "copy-from" else {
      return .refused(verdict.withoutChannel)
    }
    var text = text
    if grants.policy?.hides ?? false {
      guard let policed = verdict.policed else { return .refused(.unwritable) }
      text = policed.text
    }
    if isProposed { return .proposed(verdict) }
    let access: Admission.Access = (verdict.strongest ?? .admin) <= .read ? .readOnly : .readWrite
    return .admitted(
      Admission(text, verdict, principal: grants.principal, session: ObjectIdentifier(session), access: access))
  }
}

extension Verdict {
  /// Refused for want of a permission; the rule, its message and its place stay.
  fileprivate func lacking(_ permissions: Set<Permission>) -> Verdict {
    var refusal = self
    let names = permissions.sorted().map(\.rawValue).joined(separator: " and ")
    refusal.message = "needs the permission \(names): \(message)"
    return refusal
  }

  fileprivate var withoutChannel: Verdict {
    var refusal = self
    refusal.message = "COPY needs a data channel, and there is none here"
    refusal.wayOut = "Use a SELECT, or an INSERT."
    return refusal
  }
}
