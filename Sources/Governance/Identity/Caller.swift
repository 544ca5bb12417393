// Who calls, and what they may do where: the outcome of a token or of a local identity.

/// An agent (or the local one), with what its grants unlock; handed on many times in a call.
package final class Caller: Sendable {
  package let principal: Principal
  /// By name of connection; a connection without a permission is not in it, and does not exist for this caller.
  package let permissions: [String: Set<Permission>]
  /// What may be proposed there, and runs when a person has approved it; none of it is among the permissions.
  package let proposed: [String: Set<Permission>]
  /// What of it the user behind the agent may approve in a form of the agent's client; nothing, unless an operator says so.
  package let decidable: [String: Set<Permission>]
  /// What is hidden where, by name of connection.
  package let policies: [String: EffectivePolicy]

  package init(
    _ principal: Principal, permissions: [String: Set<Permission>], proposed: [String: Set<Permission>] = [:],
    decidable: [String: Set<Permission>] = [:], policies: [String: EffectivePolicy] = [:]
  ) {
    self.principal = principal
    self.decidable = decidable
    self.policies = policies
    self.permissions = permissions.filter { !$0.value.isEmpty }
    self.proposed = proposed.filter { !$0.value.isEmpty }
  }

  /// Connections on which the caller may do or propose something, by name.
  package var connections: [String] { Set(permissions.keys).union(proposed.keys).sorted() }

  func reaches(_ connection: String) -> Bool { permissions[connection] != nil || proposed[connection] != nil }

  /// What the caller may propose anywhere.
  package var proposedAnywhere: Set<Permission> { proposed.values.reduce(into: []) { $0.formUnion($1) } }

  /// What the caller may do anywhere.
  package var anywhere: Set<Permission> { permissions.values.reduce(into: []) { $0.formUnion($1) } }
}

extension Caller: Hashable {
  package static func == (left: Caller, right: Caller) -> Bool {
    left === right
      || left.principal == right.principal && left.permissions == right.permissions && left.proposed == right.proposed
        && left.decidable == right.decidable && left.policies == right.policies
  }

  /// By what tells most callers apart.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(principal)
    hasher.combine(permissions)
  }
}
