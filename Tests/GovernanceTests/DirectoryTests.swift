// Agents, users, groups and rules: who a token is, what follows from rules, and that nothing but a rule ever adds.

import Cryptography
import Governance
import Support
import Testing

@Suite struct DirectoryTests {
  private func agent(
    _ id: String, token: String? = nil, for user: String? = nil, _ change: (inout Agent) -> Void = { _ in }
  ) -> Agent {
    var agent = Agent(id: id, tokenDigest: token.map { sha256(Array($0.utf8)) }, onBehalfOf: user)
    change(&agent)
    return agent
  }

  private let rules = [
    GrantRule(connection: "staging", permissions: [.read, .ddl], members: [.agent("bot"), .agent("delegate")]),
    GrantRule(connection: nil, permissions: [.explain], members: [.user("alice")]),
    GrantRule(connection: "prod", permissions: [.read, .write], members: [.group("dba")]),
    GrantRule(connection: "prod", permissions: [.admin], members: [.user("bob"), .group("nobody")]),
  ]

  private func directory(_ agents: [Agent], users: Set<String> = ["alice", "bob"]) -> Directory {
    Directory(
      agents: agents, users: users,
      groups: [Group(name: "dba", members: ["alice", "gone", "bot"]), Group(name: "nobody", members: [])],
      rules: rules, connections: ["prod", "staging"])
  }

  @Test func aPureAgentHasWhatItsOwnRulesGrant() {
    let directory = directory([agent("bot"), agent("alice"), agent("dba"), agent("other")])
    #expect(directory.caller(agent: "bot")?.permissions == ["staging": [.read, .ddl]])
    // Of the same name as a user, a group, or a member of one: another kind of name.
    for name in ["alice", "dba", "other"] { #expect(directory.caller(agent: name)?.permissions == [:], "\(name)") }
    #expect(directory.caller(agent: "nobody") == nil)
  }

  @Test func aDelegatedAgentHasWhatItsUserHas() throws {
    let directory = directory([agent("delegate", for: "alice"), agent("bob-claude", for: "bob")])
    let caller = try #require(directory.caller(agent: "delegate"))
    #expect(caller.permissions == ["prod": [.explain, .read, .write], "staging": [.explain]])
    #expect(caller.principal == Principal(name: "delegate", onBehalfOf: "alice"))
    #expect(directory.caller(agent: "bob-claude")?.permissions == ["prod": [.admin]])
  }

  @Test func narrowingTakesAway() {
    let narrowed = directory([
      agent("a", for: "alice") { $0.permissions = [.read, .admin] },
      agent("b", for: "alice") { $0.connections = ["staging", "elsewhere"] },
      agent("c", for: "alice") { $0.permissions = [] },
      agent("bot") { $0.permissions = [.read] },
    ])
    #expect(narrowed.caller(agent: "a")?.permissions == ["prod": [.read]])
    #expect(narrowed.caller(agent: "b")?.permissions == ["staging": [.explain]])
    #expect(narrowed.caller(agent: "c")?.permissions == [:])
    #expect(narrowed.caller(agent: "bot")?.permissions == ["staging": [.read]])
  }

  @Test func whoActsForNobodyIsNobody() {
    let token = Array("a-token-of-some-length".utf8)
    let agents = [agent("delegate", token: "a-token-of-some-length", for: "alice"), agent("bot", token: "another")]
    #expect(directory(agents).caller(forToken: token)?.principal.name == "delegate")
    let without = directory(agents, users: ["bob"])
    #expect(without.caller(forToken: token) == nil && without.caller(agent: "delegate") == nil)
    #expect(without.standing(of: "delegate") == .userIsGone && without.standing(of: "bot") == .active)
    #expect(without.standing(of: "absent") == nil && without.permissions(ofUser: "alice") == [:])
  }

  @Test func tokensAreWholeAndOneAgentsOwn() {
    let directory = directory([
      agent("one", token: "first-token"), agent("two", token: "second-token"), agent("three"),
      agent("four", token: "shared"), agent("five", token: "shared"),
    ])
    func name(_ token: String) -> String? { directory.caller(forToken: Array(token.utf8))?.principal.name }
    #expect(name("first-token") == "one" && name("second-token") == "two")
    for token in ["", "first-toke", "first-token ", "First-token", "shared", String(repeating: "x", count: 5_000)] {
      #expect(name(token) == nil, "\(token)")
    }
  }

  @Test func accessEnds() throws {
    let end = try #require(WallTime("2026-03-01T12:00:00Z"))
    let directory = directory([agent("bot", token: "token") { $0.expires = end }])
    let before = WallTime(seconds: end.seconds - 1)
    #expect(directory.caller(agent: "bot", at: before) != nil && directory.standing(of: "bot", at: before) == .active)
    #expect(directory.caller(agent: "bot", at: end) == nil && directory.standing(of: "bot", at: end) == .expired)
    #expect(directory.caller(forToken: Array("token".utf8), at: end) == nil)
    #expect(directory.caller(forToken: Array("token".utf8), at: before) != nil)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 86_400), ("2000-02-29", 951_868_800), ("2026-12-31", 1_798_761_600),
    ("2026-12-31T23:59:59Z", 1_798_761_599), ("2026-12-31T18:00:00+01:00", 1_798_736_400),
    ("2026-12-31t18:00:00.25-05:30", 1_798_759_800), ("2026-06-30 00:00:00z", 1_782_777_600),
  ])
  func timesAreRead(text: String, seconds: Int) { #expect(WallTime(text)?.seconds == seconds) }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-1-1", "2026-01-01T", "2026-01-01T10:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T10:00:00", "2026-01-01T10:00:00+1:00", "2026-01-01T10:00:00Zx",
    "2026-01-01T10:00:00.Z", "tomorrow", "2026-01-01T10:61:00Z", "२०२६-01-01",
  ])
  func otherTextIsNoTime(text: String) { #expect(WallTime(text) == nil) }

  @Test func timesAreWritten() {
    #expect(WallTime("2026-12-31T18:00:00+01:00")?.description == "2026-12-31T17:00:00Z")
    #expect(WallTime.now > WallTime(seconds: 1_700_000_000))
  }
}

/// Directories drawn at random, against the rules in other words.
@Suite struct DirectoryPropertyTests {
  private struct Draw {
    var agents: [Agent]
    var users: Set<String>
    var groups: [Group]
    var rules: [GrantRule]
    let connections = ["c0", "c1", "c2"]

    var directory: Directory {
      Directory(agents: agents, users: users, groups: groups, rules: rules, connections: connections)
    }

    init(_ random: inout SeededRandom) {
      func some<T: Hashable>(_ all: [T], _ random: inout SeededRandom) -> Set<T> {
        Set(all.filter { _ in Bool.random(using: &random) })
      }
      let names = ["u0", "u1", "u2"]
      users = some(names, &random)
      groups = ["g0", "g1"].map { Group(name: $0, members: some(names + ["a0", "a1"], &random)) }
      let grantees =
        ["a0", "a1", "a2", "u0"].map { Grantee.agent($0) } + names.map { .user($0) }
        + ["g0", "g1", "g2", "a0"].map { .group($0) }
      rules = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        GrantRule(
          connection: ["c0", "c1", "c2", nil].randomElement(using: &random) ?? nil,
          permissions: some(Permission.allCases, &random), members: some(grantees, &random))
      }
      agents = ["a0", "a1", "a2", "u0"].map { id in
        var agent = Agent(id: id)
        if Bool.random(using: &random) { agent.onBehalfOf = names.randomElement(using: &random) }
        if Int.random(in: 0..<3, using: &random) == 0 { agent.permissions = some(Permission.allCases, &random) }
        if Int.random(in: 0..<3, using: &random) == 0 { agent.connections = some(["c0", "c1", "c9"], &random) }
        return agent
      }
    }

    /// The sentence of the documentation, word for word and slowly.
    func expected(_ agent: Agent, _ connection: String, _ permission: Permission) -> Bool {
      if let some = agent.permissions, !some.contains(permission) { return false }
      if let some = agent.connections, !some.contains(connection) { return false }
      return rules.contains { rule in
        guard rule.permissions.contains(permission), rule.connection ?? connection == connection else { return false }
        guard let user = agent.onBehalfOf else { return rule.members.contains(.agent(agent.id)) }
        guard users.contains(user) else { return false }
        return rule.members.contains(.user(user))
          || groups.contains { rule.members.contains(.group($0.name)) && $0.members.contains(user) }
      }
    }
  }

  private func isWithin(_ less: Caller?, _ more: Caller?) -> Bool {
    guard let less else { return true }
    return less.permissions.allSatisfy { name, permissions in
      permissions.isSubset(of: more?.permissions[name] ?? [])
    }
  }

  @Test func whatFollowsIsWhatTheRulesSay() async {
    await withSeededRandom { random in
      for _ in 0..<400 {
        let draw = Draw(&random)
        let directory = draw.directory
        for agent in draw.agents {
          let caller = directory.caller(agent: agent.id)
          #expect((caller == nil) == (agent.onBehalfOf.map { !draw.users.contains($0) } ?? false), "\(random)")
          for connection in draw.connections {
            for permission in Permission.allCases {
              #expect(
                caller?.permissions[connection]?.contains(permission) ?? false
                  == (caller != nil && draw.expected(agent, connection, permission)), "\(agent) \(random)")
            }
          }
        }
      }
    }
  }

  /// Narrowing, taking a rule, a user or a member away, and a shorter end: none of them gives anybody anything.
  @Test func takingAwayNeverAdds() async {
    await withSeededRandom { random in
      for _ in 0..<400 {
        let draw = Draw(&random)
        var less = draw
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where !less.rules.isEmpty: less.rules.remove(at: Int.random(in: 0..<less.rules.count, using: &random))
        case 1: _ = less.users.popFirst()
        case 2: _ = less.groups[0].members.popFirst()
        case 3 where !less.rules.isEmpty: _ = less.rules[0].members.popFirst()
        case 4:
          let place = Int.random(in: 0..<less.agents.count, using: &random)
          let some = Set(Permission.allCases.filter { _ in Bool.random(using: &random) })
          less.agents[place].permissions = less.agents[place].permissions.map { $0.intersection(some) } ?? some
        default:
          let place = Int.random(in: 0..<less.agents.count, using: &random)
          let some: Set = ["c0", "c2"]
          less.agents[place].connections = less.agents[place].connections.map { $0.intersection(some) } ?? some
        }
        let (before, after) = (draw.directory, less.directory)
        for agent in draw.agents {
          #expect(isWithin(after.caller(agent: agent.id), before.caller(agent: agent.id)), "\(agent) \(random)")
        }
      }
    }
  }

  @Test func nobodyExceedsTheirUser() async {
    await withSeededRandom { random in
      for _ in 0..<400 {
        let draw = Draw(&random)
        let directory = draw.directory
        for agent in draw.agents {
          guard let user = agent.onBehalfOf, let caller = directory.caller(agent: agent.id) else { continue }
          let own = directory.permissions(ofUser: user)
          #expect(
            caller.permissions.allSatisfy { $0.value.isSubset(of: own[$0.key] ?? []) }, "\(agent) \(random)")
        }
      }
    }
  }
}
