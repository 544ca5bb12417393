// Agents, users, groups and rules, and what follows from them: who a token is, and what that one may do where.

internal import Cryptography

/// Immutable; a reload replaces it whole.
///
/// A pure agent has what rules grant to `agent:` with its id, and nothing by any other name. A delegated one has what its
/// user has, narrowed by its own `permissions` and `connections`, and is nobody when the user is.
package struct Directory: Sendable {
  /// Why an agent may or may not come.
  package enum Standing: Sendable, Equatable {
    case active
    /// It acts for somebody who is not among the users.
    case userIsGone
    case expired
  }

  private let agents: [String: Agent]
  private var callers: [String: Caller] = [:]
  private let users: Set<String>
  private let rules: [Grantee: [GrantRule]]
  private let approvers: [GrantRule]
  /// Those of them that hold for a form of the client of one's own agent, too.
  private let approversInClients: [GrantRule]
  /// Connections on which users see clear text themselves; `*` is all of them.
  private let exemptions: [String: Set<String>]
  private let groupsOfUsers: [String: Set<String>]
  private let connections: Set<String>
  private let policies: [PolicyRule]
  /// In the order of the agents, those of nobodies too: how long looking takes tells nothing.
  private let digests: [(digest: [UInt8], id: String)]

  /// - Parameter connections: the names of all of them, which is what a rule without a connection is about.
  package init(
    agents: [Agent], users: Set<String> = [], groups: [Group] = [], rules: [GrantRule], connections: [String],
    policies: [PolicyRule] = [], approvers: [GrantRule] = [], approversInClients: [GrantRule] = [],
    exemptions: [String: Set<String>] = [:]
  ) {
    self.exemptions = exemptions
    self.policies = policies
    self.approvers = approvers
    self.approversInClients = approversInClients
    self.agents = Dictionary(agents.map { ($0.id, $0) }) { first, _ in first }
    self.users = users
    var rulesOfGrantees: [Grantee: [GrantRule]] = [:]
    for rule in rules {
      for member in rule.members { rulesOfGrantees[member, default: []].append(rule) }
    }
    self.rules = rulesOfGrantees
    self.connections = Set(connections)
    var groupsOfUsers: [String: Set<String>] = [:]
    for group in groups {
      for member in group.members where users.contains(member) {
        groupsOfUsers[member, default: []].insert(group.name)
      }
    }
    self.groupsOfUsers = groupsOfUsers
    digests = agents.compactMap { agent in agent.tokenDigest.map { ($0, agent.id) } }
    callers = self.agents.filter { $0.value.onBehalfOf.map(users.contains) ?? true }.mapValues { caller(as: $0) }
  }

  /// The agent that comes with this token; nil for an unknown one, one that has expired, and one whose user is gone.
  ///
  /// The digests of all agents are compared, each to its end.
  package func caller(forToken token: [UInt8], at time: WallTime = .now) -> Caller? {
    guard token.count <= Self.longestToken else { return nil }
    let digest = sha256(token)
    var found: [String] = []
    for (known, id) in digests where isEqualInConstantTime(known, digest) { found.append(id) }
    // Two agents with the same token: nobody knows which one this is.
    return found.count == 1 ? caller(agent: found[0], at: time) : nil
  }

  private static let longestToken = 4_096

  /// The agent of this id, however it was recognized.
  package func caller(agent id: String, at time: WallTime = .now) -> Caller? {
    standing(of: id, at: time) == .active ? callers[id] : nil
  }

  /// nil: there is no such agent.
  package func standing(of id: String, at time: WallTime = .now) -> Standing? {
    guard let agent = agents[id] else { return nil }
    if callers[id] == nil { return .userIsGone }
    return agent.expires.map { $0 <= time } ?? false ? .expired : .active
  }

  /// Whether anybody can come by a token.
  package var hasTokens: Bool { !digests.isEmpty }

  /// What a user may do, by name of connection; nothing for somebody who is not among the users.
  package func permissions(ofUser name: String) -> [String: Set<Permission>] {
    grants(ofUser: name).mapValues(\.permissions)
  }

  /// Whether there is such a person.
  package func hasUser(_ name: String) -> Bool { users.contains(name) }

  /// What of others' proposals on a connection a user may approve.
  package func approvals(ofUser name: String, on connection: String) -> Set<Permission> {
    approvals(ofUser: name, on: connection, by: approvers)
  }

  private func approvals(ofUser name: String, on connection: String, by rules: [GrantRule]) -> Set<Permission> {
    guard users.contains(name) else { return [] }
    let names = grantees(ofUser: name)
    return rules.filter { ($0.connection ?? connection) == connection && !$0.members.isDisjoint(with: names) }
      .reduce(into: []) { $0.formUnion($1.permissions) }
  }

  /// Whether anybody may propose anything.
  package var hasProposers: Bool { callers.values.contains { !$0.proposed.isEmpty } }

  private func grantees(ofUser name: String) -> [Grantee] {
    [.user(name)] + (groupsOfUsers[name] ?? []).map { .group($0) }
  }

  private func grants(ofUser name: String) -> [String: Granted] {
    users.contains(name) ? granted(to: grantees(ofUser: name)) : [:]
  }

  /// A user who asks without an agent: at the command line. Policies hold as they do for agents that act for this user,
  /// but for those of agents, and except where the user sees clear text.
  /// - Returns: nil for somebody who is not among the users.
  package func person(_ name: String) -> Caller? {
    guard users.contains(name) else { return nil }
    let grants = grants(ofUser: name)
    let ruled = grants.keys.filter { !seesClearText(name, on: $0) }
    let principal = Principal(name: Self.commandLine, onBehalfOf: name)
    return Caller(
      principal, permissions: grants.mapValues(\.permissions),
      policies: policies(for: principal, named: Set(grantees(ofUser: name)), on: ruled))
  }

  /// Whether no policy hides anything there from a user who asks without an agent.
  package func seesClearText(_ name: String, on connection: String) -> Bool {
    exemptions[name].map { $0.contains("*") || $0.contains(connection) } ?? false
  }

  /// What records have in an agent's place.
  private static let commandLine = "command-line"

  private func caller(as agent: Agent) -> Caller {
    var grants = agent.onBehalfOf.map { self.grants(ofUser: $0) } ?? granted(to: [.agent(agent.id)])
    if let some = agent.connections { grants = grants.filter { some.contains($0.key) } }
    grants = grants.mapValues { $0.narrowed(to: agent.permissions, proposing: agent.proposed) }
    let principal = Principal(name: agent.id, onBehalfOf: agent.onBehalfOf)
    let decidable = agent.onBehalfOf.map { user in
      grants.reduce(into: [:]) { all, grant in
        all[grant.key] = approvals(ofUser: user, on: grant.key, by: approversInClients)
          .intersection(grant.value.proposed)
      }
    }
    return Caller(
      principal, permissions: grants.mapValues(\.permissions), proposed: grants.mapValues(\.proposed),
      decidable: decidable ?? [:],
      policies: policies(
        for: principal, named: Set([.agent(agent.id)] + (agent.onBehalfOf.map { grantees(ofUser: $0) } ?? [])),
        on: grants.keys))
  }

  /// All that are about the agent, its user, a group of the user or everybody: the widest first. A rule narrows whoever
  /// it names, also an agent that acts for somebody.
  private func policies(
    for principal: Principal, named names: Set<Grantee>, on connections: some Sequence<String>
  ) -> [String: EffectivePolicy] {
    if policies.isEmpty { return [:] }
    var found: [String: EffectivePolicy] = [:]
    for connection in connections {
      let layers = policies.filter { rule in
        (rule.connection ?? connection) == connection && rule.members.map { !$0.isDisjoint(with: names) } ?? true
      }
      found[connection] = EffectivePolicy(
        layers.filter { $0.members == nil }.map(\.policy) + layers.filter { $0.members != nil }.map(\.policy),
        for: principal)
    }
    return found
  }

  /// What one rule lets somebody only propose, no other rule lets them do.
  private func granted(to grantees: [Grantee]) -> [String: Granted] {
    var everywhere = Granted()
    var grants: [String: Granted] = [:]
    for rule in grantees.flatMap({ rules[$0] ?? [] }) {
      if let name = rule.connection {
        if connections.contains(name) { grants[name, default: Granted()].take(rule) }
      } else {
        everywhere.take(rule)
      }
    }
    for name in connections where !everywhere.isEmpty { grants[name, default: Granted()].add(everywhere) }
    return grants.mapValues { $0.narrowed(to: nil, proposing: []) }
  }
}

/// What somebody may do on one connection, and what they may propose there.
private struct Granted {
  var permissions: Set<Permission> = []
  var proposed: Set<Permission> = []

  var isEmpty: Bool { permissions.isEmpty && proposed.isEmpty }

  mutating func take(_ rule: GrantRule) { add(Granted(permissions: rule.permissions, proposed: rule.proposed)) }

  mutating func add(_ other: Granted) {
    permissions.formUnion(other.permissions)
    proposed.formUnion(other.proposed)
  }

  func narrowed(to some: Set<Permission>?, proposing only: Set<Permission>) -> Granted {
    var narrowed = self
    if let some {
      narrowed.permissions.formIntersection(some)
      narrowed.proposed.formIntersection(some)
    }
    narrowed.proposed.formUnion(narrowed.permissions.intersection(only))
    narrowed.permissions.subtract(narrowed.proposed)
    return narrowed
  }
}
