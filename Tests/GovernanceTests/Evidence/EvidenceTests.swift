// The evidence for changes on a live server: what a dry run sees, what it leaves, and what it must not do or tell.

import Database
import JSON
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct EvidenceTests {
  private static let schema = """
    CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, mail text);
    CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers ON DELETE CASCADE,
      total numeric(10,2), state varchar(10));
    INSERT INTO customers SELECT g, 'name ' || g, 'secret-' || g || '@x.org' FROM generate_series(1, 100) AS g;
    INSERT INTO orders SELECT g, 1 + g % 100, g, 'open' FROM generate_series(1, 1000) AS g;
    CREATE INDEX orders_customer ON orders (customer_id);
    CREATE TABLE log (at timestamptz DEFAULT now(), what text);
    CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO public.log (what) VALUES (TG_OP); RETURN NULL; END';
    CREATE TRIGGER noted AFTER UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION logged();
    CREATE VIEW names AS SELECT id, name FROM customers;
    ANALYZE;
    """

  private func withGovernor(
    permissions: Set<Permission> = [.explain, .read, .write, .ddl], policy: Policy? = nil,
    _ body: (Governor, GovernedCall, _ url: String) async throws -> Void
  ) async throws {
    try await withDatabase(schema: Self.schema) { url in
      let connection = GovernedConnection(name: "shop", target: ConnectionTarget(url: url))
      let principal = Principal(name: "agent")
      var policies: [String: EffectivePolicy] = [:]
      if let policy { policies["shop"] = EffectivePolicy([policy], for: principal) }
      let caller = Caller(principal, permissions: ["shop": permissions], policies: policies)
      let call = GovernedCall(caller: caller, callID: "call-1", tool: "propose", connection: "shop")
      try await body(Governor([connection], audit: nil), call, url)
    }
  }

  private func cells(_ sql: SQL, _ url: String) async throws -> [String] {
    let session = try await Session.open(ConnectionTarget(url: url))
    let rows: [String] = try await session.rows(sql)
    await session.close()
    return rows
  }

  @Test func aDeleteCountsItsRowsAndThoseOfCascades() async throws {
    try await withGovernor { governor, call, url in
      let evidence = try await governor.examine("DELETE FROM customers WHERE id <= $1", ["3"], for: call)
      let run = evidence.dryRun
      #expect(run.outcome == .succeeded && evidence.expectedRows == 3, "\(run)")
      #expect(run.changes.first { $0.relation == "public.orders" }?.deleted == 30)
      #expect(
        run.triggers.contains { $0.name.hasPrefix("orders_customer_id_fkey") && $0.calls == 3 }, "\(run.triggers)")
      #expect((run.wal?.bytes ?? 0) > 0 && run.wal?.source == .statement)
      let left = try await cells(
        "SELECT count(*)::text FROM customers UNION ALL SELECT count(*)::text FROM orders", url)
      #expect(left == ["100", "1000"])
    }
  }

  @Test func triggersAreSeenAndUndone() async throws {
    try await withGovernor { governor, call, url in
      let evidence = try await governor.examine("UPDATE customers SET name = 'x' WHERE id < 6", for: call)
      #expect(evidence.expectedRows == 5, "\(evidence.dryRun)")
      #expect(evidence.dryRun.triggers.contains { $0.name == "noted" && $0.calls == 5 })
      #expect(evidence.dryRun.changes.first { $0.relation == "public.log" }?.inserted == 5)
      #expect(try await cells("SELECT count(*)::text FROM log", url) == ["0"])
    }
  }

  @Test func whatFailsIsSaid() async throws {
    try await withGovernor { governor, call, _ in
      let evidence = try await governor.examine("ALTER TABLE orders ADD CHECK (total < 500)", for: call)
      #expect(evidence.dryRun.outcome == .failed && evidence.dryRun.sqlState == "23514")
      #expect(evidence.concerns.contains { $0.contains("dry run failed") })
      let duplicate = try await governor.examine("INSERT INTO customers VALUES (1, 'x', NULL)", for: call)
      #expect(duplicate.dryRun.sqlState == "23505")
    }
  }

  /// A constraint that is checked at COMMIT is checked in the dry run too.
  @Test func deferredConstraintsAreChecked() async throws {
    try await withGovernor { governor, call, url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute(
        "ALTER TABLE orders ADD CONSTRAINT late FOREIGN KEY (customer_id) REFERENCES customers DEFERRABLE INITIALLY DEFERRED"
      )
      try await session.execute("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey")
      await session.close()
      let evidence = try await governor.examine("UPDATE orders SET customer_id = 4711 WHERE id = 1", for: call)
      #expect(evidence.dryRun.outcome == .failed && evidence.dryRun.sqlState == "23503", "\(evidence.dryRun)")
    }
  }

  @Test func whatARollbackDoesNotUndoIsNotRun() async throws {
    try await withGovernor(permissions: Set(Permission.allCases)) { governor, call, _ in
      for text in [
        "SELECT setval('s', 5)", "SELECT pg_sleep(60)", "DO $$ BEGIN PERFORM 1; END $$",
        "CREATE INDEX CONCURRENTLY ON orders (total)",
        "VACUUM orders", "ALTER SYSTEM SET work_mem = '1MB'", "COMMIT", "SELECT 1; DROP TABLE orders",
        "SELECT pg_terminate_backend(1)", "COPY orders TO PROGRAM 'true'", "CREATE EXTENSION hstore",
      ] {
        let evidence = try await governor.examine(text, for: call)
        #expect(evidence.dryRun.outcome == .notRun && evidence.dryRun.reason != nil, "\(text): \(evidence.dryRun)")
      }
    }
  }

  /// Without a grant nothing runs, not even to be rolled back.
  @Test func whatIsNotGrantedIsNotRun() async throws {
    try await withGovernor(permissions: [.explain, .read]) { governor, call, _ in
      let evidence = try await governor.examine("DELETE FROM orders", for: call)
      #expect(evidence.dryRun.outcome == .notRun && evidence.dryRun.reason == "it is not granted")
      #expect(evidence.verdict == "write" && evidence.findings.contains { $0.rule == "no-where" })
    }
  }

  /// The strong lock is not even asked for when somebody is in the way.
  @Test func whoIsInTheWayIsNamedAndNotWaitedFor() async throws {
    try await withGovernor { governor, call, url in
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("BEGIN")
      try await other.execute("LOCK TABLE orders IN ROW EXCLUSIVE MODE")
      let clock = ContinuousClock.now
      let evidence = try await governor.examine("ALTER TABLE orders ADD COLUMN a integer", for: call)
      #expect(evidence.dryRun.outcome == .notRun && evidence.dryRun.reason?.contains("in the way") == true)
      let table = try #require(evidence.tables.first { $0.relation == "public.orders" })
      #expect(table.conflicting.contains { $0.mode == .rowExclusive && $0.isGranted })
      #expect(!evidence.concerns.isEmpty && ContinuousClock.now - clock < .seconds(20))
      // Also what cannot even be opened is reported.
      try await other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
      let locked = try await governor.examine("DELETE FROM orders WHERE id = 1", for: call)
      #expect(locked.dryRun.outcome == .notRun, "\(locked.dryRun)")
      await other.close()
    }
  }

  @Test func largeTablesAreNotRewrittenInADryRun() async throws {
    try await withGovernor { governor, call, _ in
      var examination = Examination()
      examination.limits.largestRelation = 8_192
      let rewriting = try await governor.examine(
        "ALTER TABLE orders ALTER COLUMN total TYPE float8", for: call, examination)
      #expect(rewriting.dryRun.reason?.contains("rewrite") == true && rewriting.work.first?.kind == .rewrite)
      let quick = try await governor.examine("ALTER TABLE orders ADD COLUMN a integer", for: call, examination)
      #expect(quick.dryRun.outcome == .succeeded)
      examination.limits.mostRows = 100
      let many = try await governor.examine("UPDATE orders SET total = 0", for: call, examination)
      #expect(many.dryRun.reason?.contains("would change about 1000 rows") == true, "\(many.dryRun)")
    }
  }

  @Test func aPolicyHidesWhatWasSeen() async throws {
    var policy = Policy()
    var rule = TableRule()
    rule.denyColumns = ["mail"]
    policy.tables["public.customers"] = rule
    try await withGovernor(policy: policy) { governor, call, _ in
      let text = "INSERT INTO log (what) VALUES ('customers')"
      let shown = try await governor.examine(text, for: call)
      #expect(shown.locks.isEmpty && shown.tables.isEmpty && shown.dryRun.rows == nil && !shown.notShown.isEmpty)
      #expect(!shown.json.text().contains("log\"") && shown.dryRun.changes.isEmpty)
      let full = try await governor.examine(text, for: call, forReviewer: true)
      #expect(full.dryRun.outcome == .succeeded && full.expectedRows == 1, "\(full.dryRun)")
    }
  }

  @Test func theJSONIsReadAgain() async throws {
    try await withGovernor { governor, call, _ in
      for text in [
        "DELETE FROM customers WHERE id = 1", "CREATE INDEX ON orders (total)", "ALTER TABLE orders ADD CHECK (id > 0)",
      ] {
        let evidence = try await governor.examine(text, for: call)
        let bytes = evidence.json.bytes()
        #expect(ChangeEvidence(json: try JSONValue(parsing: bytes)) == evidence)
        #expect(!evidence.lines.isEmpty && evidence.lines.allSatisfy { !$0.contains("\n") })
      }
    }
    #expect(ChangeEvidence(json: .object(["version": 2])) == nil)
  }

  @Test func anIndexChangesPlans() async throws {
    try await withGovernor { governor, call, url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard session.server.preloadsStatStatements, session.server.statStatements != .missing else { return }
      try await session.execute(
        "INSERT INTO orders SELECT g, 1 + g % 100, g, 'open' FROM generate_series(2000, 40000) AS g")
      try await session.execute("ANALYZE orders")
      // Ours are left out of the statistics by their marker, so somebody else has to ask.
      _ = try await onOwnThread {
        try ScratchCluster.shared().run(
          "SELECT count(*) FROM orders WHERE total = 17 AND state = 'open';", in: session.server.database)
      }
      await session.close()
      let text = "CREATE INDEX orders_total ON orders (total)"
      let built = try await governor.examine(text, for: call)
      let isGeneric = session.server.versionNumber >= 160_000
      #expect(built.baseline.contains { $0.text.contains("total") }, "\(built.baseline)")
      if isGeneric {
        let change = try #require(built.plans.first, "\(built.dryRun)")
        #expect(change.indexesAfter == ["orders_total"] && (change.costAfter ?? .infinity) < change.costBefore)
      }
      var examination = Examination()
      examination.rehearses = false
      let supposed = try await governor.examine(text, for: call, examination)
      if isGeneric, case .installed = session.server.hypopg {
        #expect(supposed.plans.first.map { ($0.costAfter ?? .infinity) < $0.costBefore } == true, "\(supposed.plans)")
      }
      let again = try await governor.measureAgain(built.baseline, for: call)
      #expect(again.allSatisfy { $0.judgement == "not called since the change" || $0.judgement.hasPrefix("too few") })
    }
  }
}
