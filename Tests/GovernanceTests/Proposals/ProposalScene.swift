// A database, an agent that may only propose, people who may approve, and a store; for tests of a proposal's life.

import Database
import Foundation
import Governance
import Store
import Support
import Testing

struct ProposalScene: Sendable {
  static let schema = """
    CREATE TABLE public.accounts (id integer PRIMARY KEY, owner text, balance integer NOT NULL CHECK (balance >= 0));
    INSERT INTO public.accounts SELECT g, 'o' || g, 100 FROM generate_series(1, 50) AS g;
    CREATE TABLE public.ledger (entry integer);
    """

  let url: String
  let desk: ProposalDesk
  let governor: Governor
  let connections: [GovernedConnection]
  let directory: Directory

  static let bot = Principal(name: "bot", onBehalfOf: "alice")

  init(
    _ url: String, _ store: any ProposalStore, rules: ProposalRules = ProposalRules(),
    proposed: Set<Permission> = [.write, .ddl, .admin]
  ) {
    self.url = url
    desk = ProposalDesk(store, rules: rules)
    connections = [
      GovernedConnection(name: "shop", target: ConnectionTarget(url: url)),
      GovernedConnection(name: "other", target: ConnectionTarget(url: url)),
    ]
    var agent = Agent(id: "bot", onBehalfOf: "alice")
    agent.proposed = proposed
    let other = Agent(id: "rival", onBehalfOf: "bob")
    directory = Directory(
      agents: [agent, other], users: ["alice", "bob"],
      rules: [
        GrantRule(connection: nil, permissions: Set(Permission.allCases), members: [.user("alice")]),
        GrantRule(
          connection: nil, permissions: [.read], proposed: Permission.proposable, members: [.user("bob")]),
      ], connections: ["shop", "other"])
    governor = Governor(connections, audit: nil, proposals: desk)
  }

  func call(_ agent: String = "bot", tool: String = "execute_sql", on connection: String = "shop") -> GovernedCall {
    let caller = directory.caller(agent: agent) ?? Caller(Principal(name: agent), permissions: [:])
    return GovernedCall(caller: caller, callID: "call-1", tool: tool, connection: connection)
  }

  /// What comes of a statement that has to become a proposal.
  func propose(
    _ text: String, _ values: [String?] = [], by agent: String = "bot", on connection: String = "shop"
  ) async throws -> Proposal {
    let outcome = try await governor.outcome(
      of: text, values, for: call(agent, on: connection), within: Set(Permission.allCases))
    guard case .proposed(_, let opened?) = outcome else { throw CommandFailure(description: "\(outcome)") }
    return opened.proposal
  }

  @discardableResult
  func approve(_ proposal: Proposal) async throws -> Proposal {
    try await desk.approve(proposal.id, by: Proposal.Act(person: "bob"), hash: proposal.shortDigest)
  }

  func approved(_ text: String, _ values: [String?] = []) async throws -> Proposal {
    try await approve(try await propose(text, values))
  }

  func run(_ proposal: Proposal) async throws -> Proposal {
    try await ProposalRun(of: proposal, by: desk, on: connections, directory)
      .run(proposal, by: Proposal.Act(person: "bob"))
  }

  func refusal(of body: @Sendable () async throws -> Proposal) async -> ProposalRefusal? {
    do {
      _ = try await body()
      return nil
    } catch {
      return error as? ProposalRefusal
    }
  }

  func session() async throws -> Session { try await Session.open(ConnectionTarget(url: url)) }

  func sql(_ statement: SQL) async throws {
    let session = try await session()
    try await session.execute(statement)
    await session.close()
  }

  func count(_ question: SQL = "SELECT count(*) FROM public.ledger") async throws -> Int {
    let session = try await session()
    let found: [Int] = try await session.rows(question)
    await session.close()
    return found.first ?? -1
  }

  /// With a store in a file.
  static func with(
    rules: ProposalRules = ProposalRules(), schema: String = schema,
    proposed: Set<Permission> = [.write, .ddl, .admin],
    _ body: @Sendable (ProposalScene) async throws -> Void
  ) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/proposals-\(UUID().uuidString).db"
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    try await withDatabase(schema: schema, hasExtensions: false) { url in
      try await body(
        ProposalScene(url, try SQLiteStore(at: path, key: nil, mayCreate: true), rules: rules, proposed: proposed))
    }
  }

  /// With two stores over one database, as two servers have.
  static func withReplicas(
    rules: ProposalRules = ProposalRules(), _ body: @Sendable (ProposalScene, ProposalScene) async throws -> Void
  ) async throws {
    try await withDatabase(hasExtensions: false) { store in
      try await withDatabase(schema: schema, hasExtensions: false) { url in
        let target = ConnectionTarget(url: store)
        let key = [UInt8](repeating: 7, count: 32)
        let first = try await PostgresStore(at: target, key: key, mayCreate: true)
        let second = try await PostgresStore(at: target, key: key, mayCreate: true)
        try await body(ProposalScene(url, first, rules: rules), ProposalScene(url, second, rules: rules))
      }
    }
  }
}
