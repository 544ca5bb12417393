// The same server seen by three roles: no error, and what is hidden is said.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct PrivilegeTests {
  private func result(as role: String?, in database: String) async throws -> Checkup.Result {
    let url = try ScratchCluster.shared().url(database: database, role: role)
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await Checkup().run(on: session)
    await session.close()
    return result
  }

  /// Ids of the checks that were kept out, or kept from a part.
  private func blind(_ result: Checkup.Result) -> Set<String> {
    Set(
      result.outcomes.compactMap { outcome in
        if case .notLookedAt = outcome.status { return outcome.id }
        return outcome.omissions.isEmpty ? nil : outcome.id
      })
  }

  @Test func eachRoleIsToldWhatItDoesNotSee() async throws {
    let schema = "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES; ANALYZE t;"
    try await withDatabase(schema: schema) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let number = UInt32.random(in: 0 ... .max)
      let (plain, monitor) = ("plain_\(number)", "monitor_\(number)")
      let cluster = try ScratchCluster.shared()
      _ = try await onOwnThread {
        try cluster.run(
          "CREATE ROLE \(plain) LOGIN; CREATE ROLE \(monitor) LOGIN; GRANT pg_monitor TO \(monitor)", in: database)
      }
      let asSuperuser = blind(try await result(as: nil, in: database))
      let asMonitor = try await result(as: monitor, in: database)
      let asPlain = try await result(as: plain, in: database)
      let sessions: Set<String> = [
        "blocked-sessions", "idle-in-transaction", "long-running-queries", "xmin-horizon", "standby-lag",
        "unencrypted-connections",
      ]
      #expect(asSuperuser.isDisjoint(with: sessions))
      #expect(blind(asMonitor).isDisjoint(with: sessions))
      #expect(blind(asMonitor).isSuperset(of: ["bloated-indexes", "sequence-exhaustion"]))
      #expect(blind(asPlain).isSuperset(of: sessions.union(["bloated-indexes", "sequence-exhaustion"])))
      #expect(asSuperuser.isDisjoint(with: ["bloated-indexes", "sequence-exhaustion"]))
      // Nothing was refused by the server itself: what we may not ask we do not ask.
      for outcome in asMonitor.outcomes + asPlain.outcomes {
        if case .notLookedAt(let reason) = outcome.status {
          #expect(!reason.contains("permission denied"), "\(outcome.id)")
        }
      }
      #expect(asPlain.surroundings.tier.contains("no pg_monitor"))
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(plain); DROP ROLE \(monitor)", in: database) }
    }
  }

  /// What an earlier run saw only brings questions forward: where it was wrong, what was not asked is asked, and what was
  /// asked in vain counts for nothing.
  @Test func whatWasExpectedDecidesNothing() async throws {
    try await withDatabase(schema: "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 20000)") { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let plain = "plain_\(UInt32.random(in: 0 ... .max))"
      let cluster = try ScratchCluster.shared()
      _ = try await onOwnThread { try cluster.run("CREATE ROLE \(plain) LOGIN", in: database) }
      let asSuperuser = try await result(as: nil, in: database)
      for role in [plain, nil] {
        let unaided = try await result(as: role, in: database)
        for expected in [asSuperuser, unaided, try await result(as: plain, in: database)].map(\.surroundings) {
          let session = try await Session.open(
            ConnectionTarget(url: cluster.url(database: database, role: role)))
          let aided = try await Checkup().run(on: session, expecting: Expectation(expected))
          await session.close()
          #expect(aided.outcomes.map(\.id) == unaided.outcomes.map(\.id))
          #expect(aided.outcomes.map(\.status) == unaided.outcomes.map(\.status))
          #expect(aided.outcomes.map(\.omissions) == unaided.outcomes.map(\.omissions))
          #expect(aided.findings.map(\.fingerprint) == unaided.findings.map(\.fingerprint))
        }
      }
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(plain)", in: database) }
    }
  }

  /// A table that somebody has locked holds up no check for long.
  @Test func aLockedTableHoldsUpNobody() async throws {
    try await withDatabase(schema: "CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE INDEX ON t (a)") { url in
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("BEGIN")
      try await other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
      let session = try await Session.open(ConnectionTarget(url: url))
      let began = ContinuousClock.now
      let result = try await Checkup().run(on: session)
      #expect(ContinuousClock.now - began < .seconds(5))
      for outcome in result.outcomes {
        if case .notLookedAt(let reason) = outcome.status {
          #expect(reason.contains("usage has been counted"), "\(outcome.id): \(reason)")
        }
      }
      await session.close()
      await other.close()
    }
  }

  /// Each question with a look at our own locks behind it, in one statement.
  @Test func noLockIsStrongerThanAccessShare() async throws {
    let schema = """
      CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
      CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE INDEX ON t (a); CREATE SEQUENCE loose AS integer;
      CREATE TABLE g (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, t bigint, b int DEFAULT nextval('loose'));
      CREATE TABLE w (id bigserial PRIMARY KEY); CREATE TABLE n (w int REFERENCES w, a text[]);
      INSERT INTO t (a) SELECT k FROM generate_series(1, 3000) AS k; INSERT INTO g (id) SELECT generate_series(1, 300);
      INSERT INTO w DEFAULT VALUES; CREATE VIEW v AS SELECT * FROM t; SELECT nextval('g_id_seq'); ANALYZE;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let ripe = Limits(changed: ["mature-days": 0])
      let result = try await Checkup(allChecks.map { $0.withItsLocks }, limits: ripe).run(on: session)
      await session.close()
      let looked = result.outcomes.filter { $0.status == .lookedAt }
      for outcome in result.outcomes {
        if case .notLookedAt(let reason) = outcome.status, !outcome.about.needs.contains(.statements) {
          Issue.record("\(outcome.id): \(reason)")
        }
      }
      #expect(looked.count > allChecks.count * 3 / 4)
      for finding in result.findings { #expect(finding.seen == "AccessShareLock", "\(finding.check)") }
      #expect(Set(result.findings.map(\.check)) == Set(looked.map(\.id)))
    }
  }

  /// A sequence is read as a table is: without its schema there is nothing to read, and it is said.
  @Test func aSequenceInAHiddenSchemaIsNotLookedAt() async throws {
    let role = "reader_\(UInt32.random(in: 0 ... .max))"
    let schema = """
      CREATE SCHEMA hidden; CREATE SEQUENCE hidden.s AS integer; SELECT setval('hidden.s', 2000000000);
      CREATE SEQUENCE seen AS integer; SELECT setval('seen', 2000000000);
      CREATE ROLE \(role) LOGIN; GRANT SELECT ON SEQUENCE hidden.s, seen TO \(role);
      """
    try await withDatabase(schema: schema) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let result = try await result(as: role, in: database)
      #expect(result.findings.filter { $0.check == "sequence-exhaustion" }.map(\.object.name) == ["public.seen"])
      let omitted = result.outcomes.first { $0.id == "sequence-exhaustion" }?.omissions ?? []
      #expect(omitted.contains { $0.contains("hidden.s") }, "\(omitted)")
      _ = try await onOwnThread {
        try ScratchCluster.shared().run("DROP OWNED BY \(role); DROP ROLE \(role)", in: database)
      }
    }
  }

  /// As a server answers that was built without it.
  @Test func withoutLibxmlSequencesAreNotLookedAt() async throws {
    let schema = """
      CREATE TABLE t (id serial PRIMARY KEY); SELECT setval('t_id_seq', 2000000000);
      CREATE TABLE u (id int REFERENCES t); INSERT INTO t SELECT generate_series(1, 1000); ANALYZE;
      ALTER FUNCTION pg_catalog.table_to_xml(regclass, boolean, boolean, text) RENAME TO table_to_xml_of_libxml;
      CREATE FUNCTION pg_catalog.table_to_xml(tbl regclass, nulls boolean, tableforest boolean, targetns text)
      RETURNS xml LANGUAGE plpgsql STABLE STRICT AS $$ BEGIN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported', MESSAGE = 'unsupported XML feature',
          DETAIL = 'This functionality requires the server to be built with libxml support.';
      END $$;
      """
    try await withDatabase(schema: schema) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let result = try await result(as: nil, in: database)
      let blind = result.outcomes.filter {
        if case .notLookedAt(let reason) = $0.status { reason.contains("libxml") } else { false }
      }
      #expect(blind.map(\.id) == ["sequence-exhaustion", "sequences-behind-data"], "\(blind.map(\.status))")
      #expect(result.outcomes.contains { $0.id == "narrow-key-columns" && $0.status == .lookedAt })
    }
  }

  /// As on a managed service: pg_statistic is nobody's, and pg_stats shows what the role may read.
  @Test(arguments: ["bloated-tables", "bloated-indexes", "one-sided-indexes", "sequences-behind-data"])
  func ownTablesAreJudgedByWhatTheRoleMayRead(id: String) async throws {
    let fixture = try #require(CheckFixture(id, "sick.sql"))
    let role = "owner_\(UInt32.random(in: 0 ... .max))"
    let owning = """
      CREATE ROLE \(role) LOGIN;
      DO $$ DECLARE r record; BEGIN
        FOR r IN SELECT c.oid::regclass AS name FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace
          AND c.relkind IN ('r', 'm') LOOP EXECUTE format('ALTER TABLE %s OWNER TO \(role)', r.name); END LOOP;
      END $$;
      GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO \(role);
      CREATE TABLE secret (id serial PRIMARY KEY);
      """
    try await withDatabase(schema: fixture.sql + "\n" + owning) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      func found(_ role: String?) async throws -> (names: [String], omissions: [String]) {
        let session = try await Session.open(
          ConnectionTarget(url: ScratchCluster.shared().url(database: database, role: role)))
        let result = try await Checkup(allChecks.filter { $0.id == id }, limits: fixture.limits).run(on: session)
        await session.close()
        #expect(result.outcomes.map(\.status) == [.lookedAt])
        return (result.findings.map(\.fingerprint), result.outcomes.flatMap(\.omissions))
      }
      let (all, own) = (try await found(nil), try await found(role))
      #expect(own.names == all.names && !own.names.isEmpty, "\(own) and not \(all)")
      #expect(own.omissions.contains { $0.contains("columns of 1 tables") }, "\(own.omissions)")
      #expect(!all.omissions.contains { $0.contains("may not read") })
      _ = try await onOwnThread {
        try ScratchCluster.shared().run("DROP OWNED BY \(role); DROP ROLE \(role)", in: database)
      }
    }
  }

  @Test func aCheckThatFailsIsAnOutcome() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let result = try await Checkup([BrokenCheck(), WorkingCheck()]).run(on: session)
      await session.close()
      #expect(result.outcomes.map(\.status) == [.notLookedAt("division by zero"), .lookedAt])
      #expect(result.findings.map(\.fingerprint) == ["working/one"])
    }
  }
}

private struct BrokenCheck: HealthCheck {
  let id = "broken"
  let about = CheckDescription(.server, "Broken", why: "It fails.", rule: "Never.")
  struct Row: Decodable, Sendable { let a: Int64 }
  func question(for server: ServerInfo) -> SQL? { "SELECT 1 / 0 AS \"a\"" }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] { [] }
}

private struct WorkingCheck: HealthCheck {
  let id = "working"
  let about = CheckDescription(.server, "Working", why: "It works.", rule: "Always.")
  struct Row: Decodable, Sendable { let a: Int64 }
  func question(for server: ServerInfo) -> SQL? { "SELECT 1 AS \"a\"" }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      Finding(
        check: id, severity: .info, object: FoundObject(.server, "one"), seen: "\(row.a)", why: about.why, figures: [],
        remedies: [], notes: [], since: nil)
    }
  }
}

/// A check's question, and what it leaves locked: the outer part is evaluated when the question has been answered.
private struct LockWatch: HealthCheck {
  let id: String
  let about: CheckDescription
  let asked: @Sendable (Surroundings) -> SQL?
  let bound: @Sendable (Surroundings) -> [[String?]]
  struct Row: Decodable, Sendable { let mode: String }

  func question(for server: ServerInfo) -> SQL? { asked(Surroundings(server: server)) }
  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { bound(surroundings) }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    Set(rows.map(\.mode)).sorted().map { mode in
      Finding(check: id, severity: .info, object: FoundObject(.server, mode), seen: mode, why: about.why)
    }
  }
}

extension HealthCheck {
  fileprivate var withItsLocks: any HealthCheck {
    LockWatch(
      id: id, about: about,
      asked: { surroundings in
        question(for: surroundings.server).map { question in
          "WITH answer AS MATERIALIZED (" + question + """
            ) SELECT l.mode AS "mode" FROM (SELECT count(*) AS rows FROM answer OFFSET 0) AS a
            CROSS JOIN LATERAL (SELECT DISTINCT k.mode FROM pg_locks AS k WHERE k.pid = pg_backend_pid()
              AND k.locktype <> 'virtualxid' AND a.rows >= 0) AS l
            """
        }
      }, bound: { values($0, Limits()) })
  }
}
