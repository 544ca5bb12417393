// Who may come, and the rules that say what they may do: as configured, before anything follows from it.

/// Somebody who calls: no person, but it may act for one.
package struct Agent: Sendable, Equatable {
  package var id: String
  /// SHA-256 of the token it comes with; nil: nobody comes as this agent from outside.
  package var tokenDigest: [UInt8]?
  /// The user it acts for (a delegated agent), or nil (a pure one).
  package var onBehalfOf: String?
  /// No more than these; nil: no narrowing.
  package var permissions: Set<Permission>?
  /// What is granted of these it may only propose.
  package var proposed: Set<Permission> = []
  /// Nowhere but there; nil: no narrowing.
  package var connections: Set<String>?
  package var expires: WallTime?

  package init(id: String, tokenDigest: [UInt8]? = nil, onBehalfOf: String? = nil) {
    self.id = id
    self.tokenDigest = tokenDigest
    self.onBehalfOf = onBehalfOf
  }
}

/// Users under one name. Agents are in no group: what an agent may do is said of that agent.
package struct Group: Sendable, Equatable {
  package var name: String
  package var members: Set<String>

  package init(name: String, members: Set<String>) {
    self.name = name
    self.members = members
  }
}

/// Whom a rule is about.
package enum Grantee: Sendable, Hashable {
  /// A pure agent. For a delegated one this gives nothing: it has what its user has.
  case agent(String)
  case user(String)
  case group(String)
}

/// What some may do on one connection, or on all. There is nothing but what rules grant.
package struct GrantRule: Sendable, Equatable {
  /// nil: on every connection.
  package var connection: String?
  package var permissions: Set<Permission>
  /// What they may only propose there, whatever other rules grant.
  package var proposed: Set<Permission>
  package var members: Set<Grantee>

  package init(
    connection: String?, permissions: Set<Permission>, proposed: Set<Permission> = [], members: Set<Grantee>
  ) {
    self.connection = connection
    self.permissions = permissions
    self.proposed = proposed
    self.members = members
  }
}
