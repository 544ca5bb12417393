// An approval is of a statement on these objects of this database: whatever has changed since makes it worthless.

import Database
import Governance
import Store
import Support
import Testing

@Suite(.needsServer) struct ProposalDriftTests {
  private static let schema =
    ProposalScene.schema + """

      CREATE FUNCTION public.stamped() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
      CREATE TYPE public.mood AS ENUM ('good', 'bad');
      CREATE VIEW public.rich AS SELECT id FROM public.accounts WHERE balance > 100;
      """

  /// Statements, what changes between approval and run, and a word of the refusal.
  private static let changes: [(statement: String, change: SQL, words: String)] = [
    ("INSERT INTO ledger VALUES (1)", "DROP TABLE ledger", "ledger"),
    (
      "INSERT INTO ledger VALUES (1)", "ALTER TABLE ledger RENAME TO old; ",
      "ledger"
    ),
    ("INSERT INTO ledger VALUES (1)", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
    ("INSERT INTO ledger VALUES (1)", "ALTER TABLE ledger ADD COLUMN note text DEFAULT 'x'", "columns"),
    ("INSERT INTO ledger VALUES (1)", "ALTER TABLE ledger ALTER entry SET DEFAULT 3", "columns"),
    (
      "DELETE FROM accounts WHERE id = 1",
      "ALTER TABLE ledger ADD FOREIGN KEY (entry) REFERENCES accounts ON DELETE CASCADE", "constraints"
    ),
    (
      "INSERT INTO ledger VALUES (1)",
      "CREATE TRIGGER t BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION stamped()", "triggers"
    ),
    ("INSERT INTO ledger VALUES (1)", "ALTER TABLE ledger ENABLE ROW LEVEL SECURITY", "policies"),
    ("INSERT INTO ledger VALUES (1)", "CREATE RULE r AS ON INSERT TO ledger DO ALSO DELETE FROM accounts", "rules"),
    ("INSERT INTO ledger VALUES (1)", "CREATE UNIQUE INDEX u ON ledger (entry)", "unique indexes"),
    ("INSERT INTO ledger VALUES (1)", "CREATE TABLE child () INHERITS (ledger)", "parents"),
    ("DROP TABLE accounts CASCADE", "ALTER TABLE accounts ADD COLUMN important text", "columns"),
    (
      "DROP FUNCTION stamped()",
      "CREATE OR REPLACE FUNCTION stamped() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN old; END'", "stamped"
    ),
    ("ALTER TYPE mood ADD VALUE 'odd'", "ALTER TYPE mood ADD VALUE 'worse'", "mood"),
    ("CREATE TABLE ledgers (a integer)", "CREATE TABLE ledgers (b integer)", "ledgers"),
    ("COMMENT ON TABLE ledger IS 'x'", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
    ("ALTER TABLE ledger RENAME TO booked", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
    ("TRUNCATE ledger", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
    ("CREATE INDEX CONCURRENTLY i ON ledger (entry)", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
    ("REINDEX TABLE ledger", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
    ("VACUUM ledger", "ALTER TABLE ledger ALTER entry TYPE bigint", "columns"),
  ]

  @Test(arguments: changes.indices) func aChangeInBetweenIsRefused(place: Int) async throws {
    let (statement, change, words) = Self.changes[place]
    try await ProposalScene.with(schema: Self.schema) { scene in
      let proposal = try await scene.approved(statement)
      let run = try ProposalRun(of: proposal, by: scene.desk, on: scene.connections, scene.directory)
      #expect(try await run.drift(of: proposal) == [])
      try await scene.sql(change)
      let drift = try await run.drift(of: proposal)
      #expect(!drift.isEmpty, "\(statement)")
      let refusal = await scene.refusal { try await scene.run(proposal) }
      #expect(
        refusal?.code == .drift && refusal?.message.contains(words) == true,
        "\(statement): \(String(describing: refusal))")
      // It is over.
      #expect(try await scene.desk.find(proposal.id)?.state == .failed)
      #expect(await scene.refusal { try await scene.run(proposal) }?.code == .state)
    }
  }

  @Test func aTableThatWasMadeAnewIsAnother() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.approved("INSERT INTO ledger VALUES (1)")
      try await scene.sql("DROP TABLE ledger")
      try await scene.sql("CREATE TABLE public.ledger (entry integer)")
      let refusal = await scene.refusal { try await scene.run(proposal) }
      #expect(refusal?.message.contains("was dropped and made anew") == true, "\(String(describing: refusal))")
      #expect(try await scene.count() == 0)
    }
  }

  /// What changes nothing of what it means is no drift.
  @Test(
    arguments: [
      "VACUUM FULL accounts", "ANALYZE accounts", "CREATE INDEX more ON accounts (owner)", "REINDEX TABLE accounts",
      "UPDATE accounts SET balance = 5", "CREATE TABLE unrelated (a integer)", "CLUSTER accounts USING accounts_pkey",
    ] as [SQL]) func storageIsNoDrift(change: SQL) async throws
  {
    try await ProposalScene.with { scene in
      let proposal = try await scene.approved("DELETE FROM accounts WHERE id = 1")
      try await scene.sql(change)
      #expect(try await scene.run(proposal).state == .done, "\(change)")
    }
  }

  @Test func anotherDatabaseOrRoleIsAnother() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.approved("INSERT INTO ledger VALUES (1)")
      try await withDatabase(schema: ProposalScene.schema, hasExtensions: false) { other in
        let connection = GovernedConnection(name: "shop", target: ConnectionTarget(url: other))
        let run = try ProposalRun(of: proposal, by: scene.desk, on: [connection], scene.directory)
        let refusal = await scene.refusal { try await run.run(proposal, by: Proposal.Act(person: "bob")) }
        #expect(refusal?.message.contains("another database") == true, "\(String(describing: refusal))")
      }
      let second = try await scene.approved("INSERT INTO ledger VALUES (2)")
      try await scene.sql("CREATE ROLE clerk_of_drift LOGIN SUPERUSER")
      let clerk = scene.url.replacing("postgres@", with: "clerk_of_drift@")
      let connection = GovernedConnection(name: "shop", target: ConnectionTarget(url: clerk))
      let run = try ProposalRun(of: second, by: scene.desk, on: [connection], scene.directory)
      let refusal = await scene.refusal { try await run.run(second, by: Proposal.Act(person: "bob")) }
      try await scene.sql("DROP ROLE clerk_of_drift")
      #expect(refusal?.message.contains("the role is clerk_of_drift") == true, "\(String(describing: refusal))")
    }
  }

  /// A column that appears while the statement runs, behind a lock that it waits for.
  @Test func aChangeThatCommitsMeanwhileKeepsNothing() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.approved("INSERT INTO ledger SELECT id FROM accounts")
      let session = try await scene.session()
      try await session.execute("BEGIN")
      try await session.execute("ALTER TABLE public.ledger ADD COLUMN note text DEFAULT 'x'")
      async let run = scene.run(proposal)
      try await Task.sleep(for: .milliseconds(500))
      try await session.execute("COMMIT")
      await session.close()
      let ended = try? await run
      #expect(ended?.state != .done, "\(String(describing: ended?.outcome))")
      #expect(try await scene.count() == 0)
    }
  }
}
