// Safer forms and ways back are run on a server; what is found in a statement is what is in it.

import Database
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct AdviceTests {
  private static let schema = """
    CREATE TABLE c (id integer PRIMARY KEY, name text);
    CREATE TABLE t (id integer PRIMARY KEY, c_id integer NOT NULL, name varchar(20) DEFAULT 'n', note text,
      CONSTRAINT positive CHECK (id > 0), CONSTRAINT t_c FOREIGN KEY (c_id) REFERENCES c);
    INSERT INTO c SELECT g, 'c' || g FROM generate_series(1, 50) AS g;
    INSERT INTO t SELECT g, 1 + g % 50, 'n' || g, 'x' FROM generate_series(1, 200) AS g;
    CREATE INDEX "t Name" ON t (name) WHERE id > 3;
    CREATE TABLE e (id integer, c_id integer);
    CREATE UNIQUE INDEX e_both ON e (id, c_id);
    CREATE VIEW v AS SELECT id, name FROM t;
    CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
    CREATE UNIQUE INDEX m_id ON m (id);
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nothing();
    COMMENT ON TABLE t IS 'it''s \\ one'; COMMENT ON COLUMN t.note IS 'old';
    ANALYZE;
    """

  /// The user's part of the catalog, in words.
  private static let catalog = """
    SELECT 'c', r.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
        pg_get_expr(d.adbin, d.adrelid),
        col_description(r.oid, a.attnum), obj_description(r.oid, 'pg_class'), r.relrowsecurity::text
      FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
      WHERE r.relnamespace = 'public'::regnamespace AND r.relname NOT LIKE 'pg_stat%' AND r.relname NOT LIKE 'hypopg%'
    UNION ALL SELECT 'x', conname, pg_get_constraintdef(oid), convalidated::text, '', '', '', '', '' FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL SELECT 'i', indexname, indexdef, '', '', '', '', '', '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 't', tgname, pg_get_triggerdef(oid), tgenabled::text, '', '', '', '', '' FROM pg_trigger
      WHERE NOT tgisinternal
    UNION ALL SELECT 'p', polname, polrelid::regclass::text, '', '', '', '', '', '' FROM pg_policy
    ORDER BY 1, 2, 3;
    """

  private func run(_ text: String, _ url: String) async throws -> String {
    try await onOwnThread {
      let cluster = try ScratchCluster.shared()
      return try requireCommand(
        [cluster.psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"], input: text
      )
    }
  }

  private func evidence(for text: String, on url: String) async throws -> ChangeEvidence {
    let session = try await Session.open(ConnectionTarget(url: url))
    let found = try await session.preflight([(text, 1)], Self.lookingOnly)
    await session.close()
    return found[0].evidence
  }

  private static var lookingOnly: Examination {
    var examination = Examination()
    examination.rehearses = false
    return examination
  }

  @Test(arguments: [
    "CREATE TABLE fresh (id integer)", "CREATE VIEW w AS SELECT 1 AS a", "CREATE SEQUENCE sq",
    "CREATE MATERIALIZED VIEW mm AS SELECT 1 AS a", "CREATE INDEX t_note ON t (note)", "DROP INDEX \"t Name\"",
    "ALTER TABLE t ADD COLUMN a integer", "ALTER TABLE t ADD COLUMN a integer, ALTER COLUMN name SET NOT NULL",
    "ALTER TABLE t ALTER COLUMN name SET DEFAULT 'other'", "ALTER TABLE t ALTER COLUMN name DROP DEFAULT",
    "ALTER TABLE t ALTER COLUMN note SET DEFAULT 'a'", "ALTER TABLE t ALTER COLUMN note SET NOT NULL",
    "ALTER TABLE t ALTER COLUMN c_id DROP NOT NULL", "ALTER TABLE t ALTER COLUMN c_id SET NOT NULL",
    "ALTER TABLE t ADD CONSTRAINT more CHECK (id > -5)", "ALTER TABLE t DROP CONSTRAINT positive",
    "ALTER TABLE t DROP CONSTRAINT t_c", "ALTER TABLE t RENAME TO t2", "ALTER TABLE t RENAME COLUMN note TO remark",
    "ALTER TABLE t RENAME CONSTRAINT positive TO above", "ALTER INDEX \"t Name\" RENAME TO other",
    "ALTER VIEW v RENAME TO v2",
    "COMMENT ON TABLE t IS 'new'", "COMMENT ON COLUMN t.note IS NULL", "DROP TRIGGER tr ON t",
    "CREATE TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION nothing()",
    "CREATE POLICY pol ON t USING (true)",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
  ])
  func theWayBackLeadsBack(_ statement: String) async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let before = try await run(Self.catalog, url)
      let undo = try #require(try await evidence(for: statement, on: url).undo, "\(statement)")
      _ = try await run(statement + ";", url)
      let between = try await run(Self.catalog, url)
      #expect(undo.statements.isEmpty || between != before)
      _ = try await run(undo.statements.map { $0 + ";\n" }.joined(), url)
      #expect(try await run(Self.catalog, url) == before, "\(undo)")
    }
  }

  @Test(arguments: [
    "DROP TABLE c CASCADE", "ALTER TABLE t DROP COLUMN note", "DELETE FROM t WHERE id = 1", "TRUNCATE t",
    "CREATE INDEX ON t (note)", "ALTER TABLE t ADD COLUMN a integer, DROP COLUMN note",
  ])
  func whereThereIsNoWayBackThatIsSaid(_ statement: String) async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let undo = try #require(try await evidence(for: statement, on: url).undo, "\(statement)")
      #expect(undo.statements.isEmpty || statement.contains("ADD COLUMN"))
      #expect(undo.note != nil)
    }
  }

  /// Run one by one, outside of a transaction, they leave what the statement leaves.
  @Test(arguments: [
    "CREATE INDEX t_note ON t (note)",
    "create unique index if not exists t_both on t (id, name) where name is not null",
    "DROP INDEX \"t Name\"", "ALTER TABLE t ADD CHECK (c_id > 0)",
    "ALTER TABLE t ADD CONSTRAINT low CHECK (c_id < 900)",
    "ALTER TABLE t ADD CONSTRAINT again FOREIGN KEY (c_id) REFERENCES c ON DELETE CASCADE",
    "ALTER TABLE t ADD FOREIGN KEY (c_id) REFERENCES c", "ALTER TABLE t ADD UNIQUE (id, name)",
    "ALTER TABLE e ADD CONSTRAINT e_key PRIMARY KEY (id)", "ALTER TABLE t ALTER COLUMN note SET NOT NULL",
    "ALTER TABLE t ADD COLUMN a integer", "REFRESH MATERIALIZED VIEW m", "REINDEX TABLE t", "REINDEX INDEX m_id",
    "DROP TRIGGER tr ON t", "ALTER TABLE t DROP CONSTRAINT positive",
  ])
  func theSaferFormDoesTheSame(_ statement: String) async throws {
    let form = try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let found = try await evidence(for: statement, on: url)
      let form = try #require(found.safer, "\(statement): \(found.locks)")
      #expect(form.isComplete)
      _ = try await run(statement + ";", url)
      return (form.statements, try await run(Self.catalog, url))
    }
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      _ = try await run(form.0.map { $0 + ";\n" }.joined(), url)
      #expect(try await run(Self.catalog, url) == form.1, "\(form.0)")
    }
  }

  @Test(arguments: [
    ("UPDATE t SET note = 'x'", ["no-where"]), ("DELETE FROM t USING c", ["no-where"]),
    ("UPDATE t SET note = 'x' WHERE id = 1", []), ("TRUNCATE c CASCADE", ["truncate-cascade"]), ("TRUNCATE e", []),
    ("DROP TABLE c CASCADE", ["drop-with-rows", "drop-with-dependents"]), ("DROP TABLE e", []),
    ("DROP VIEW v", []), ("ALTER TABLE t RENAME COLUMN note TO n", ["rename"]), ("ALTER INDEX m_id RENAME TO x", []),
    ("ALTER TABLE t ADD COLUMN a integer NOT NULL", ["not-null-without-default"]),
    ("ALTER TABLE t ADD COLUMN a integer NOT NULL DEFAULT 1", []), ("ALTER TABLE t ADD COLUMN a serial NOT NULL", []),
    ("ALTER TABLE e ADD COLUMN a integer NOT NULL", []),
    ("ALTER TABLE t ADD COLUMN a timestamp", ["timestamp-without-zone"]),
    ("CREATE TABLE n (id integer PRIMARY KEY)", ["small-key"]), ("CREATE TABLE n (id bigint PRIMARY KEY)", []),
    ("CREATE TABLE n (id bigint PRIMARY KEY, c integer REFERENCES c)", ["foreign-key-without-index"]),
    ("CREATE TABLE n (c integer PRIMARY KEY REFERENCES c)", ["small-key"]),
    ("ALTER TABLE e ADD FOREIGN KEY (c_id) REFERENCES c", ["foreign-key-without-index"]),
    ("ALTER TABLE e ADD FOREIGN KEY (id) REFERENCES c", []),
    ("ALTER TABLE t ADD COLUMN a integer REFERENCES c", ["foreign-key-without-index"]),
    ("CREATE INDEX ON e (id)", ["duplicate-index"]), ("CREATE INDEX ON e (c_id)", []), ("CREATE INDEX ON t (name)", []),
    ("CREATE UNIQUE INDEX ON e (id)", []), ("CREATE INDEX ON e USING hash (id)", []),
    ("CREATE INDEX ON e (lower(id::text))", []),
    ("ALTER TABLE t DROP COLUMN name", ["drop-column"]),
    ("ALTER TABLE t ALTER COLUMN name TYPE varchar(5)", ["narrower-type"]),
    ("ALTER TABLE t ALTER COLUMN id TYPE smallint", ["narrower-type"]),
    ("ALTER TABLE t ALTER COLUMN id TYPE bigint", []),
    ("SELECT 1", []),
  ])
  func whatIsFoundIsThere(_ check: (statement: String, rules: [String])) async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let found = try await evidence(for: check.statement, on: url)
      // Before 14 nobody can tell an empty table from one that was never counted: it may have rows.
      if check.statement.hasPrefix("ALTER TABLE e ADD COLUMN"), try await run("SHOW server_version_num", url) < "14" {
        return
      }
      #expect(found.findings.map(\.rule).sorted() == check.rules.sorted(), "\(check.statement)")
    }
  }

  /// Each statement of a file sees what those before it did, and nothing of it stays.
  @Test func aFileIsRehearsedAsOne() async throws {
    let file = [
      "CREATE TABLE made (id bigint PRIMARY KEY)", "INSERT INTO made VALUES (1), (2)",
      "ALTER TABLE made ADD COLUMN a text",
      "CREATE INDEX made_a ON made (a)", "ALTER TABLE nowhere ADD COLUMN a text", "COMMIT",
      "UPDATE made SET a = 'x' WHERE id = 2", "DROP TABLE made",
    ].map { ($0, 1) }
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let before = try await run(Self.catalog, url)
      let session = try await Session.open(ConnectionTarget(url: url))
      let seen = try await session.preflight(file, Examination()).map(\.evidence)
      let unseen = try await session.preflight(file, Self.lookingOnly).map(\.evidence)
      await session.close()
      #expect(
        seen.map(\.dryRun.outcome) == [
          .succeeded, .succeeded, .succeeded, .succeeded, .failed, .notRun, .succeeded, .succeeded,
        ], "\(seen.map(\.dryRun))")
      #expect(seen[1].expectedRows == 2 && seen[6].expectedRows == 1)
      #expect(seen[2].absent.isEmpty && unseen[2].absent == ["made"])
      #expect(try await run(Self.catalog, url) == before)
    }
  }
}

/// What needs no server.
@Suite struct LockModeTests {
  /// The conflicts of https://www.postgresql.org/docs/current/explicit-locking.html, row by row.
  @Test func conflictsAreThoseOfTheManual() {
    let table = [
      "AE", "E AE", "S SRE E AE", "SUE S SRE E AE", "RE SUE SRE E AE", "RE SUE S SRE E AE", "RS RE SUE S SRE E AE",
      "AS RS RE SUE S SRE E AE",
    ]
    let short = ["AS", "RS", "RE", "SUE", "S", "SRE", "E", "AE"]
    for (row, mode) in LockMode.allCases.enumerated() {
      let wanted = Set(table[row].split(separator: " ").map(String.init))
      for (column, other) in LockMode.allCases.enumerated() {
        #expect(mode.conflicts(with: other) == wanted.contains(short[column]), "\(mode.name) and \(other.name)")
        #expect(mode.conflicts(with: other) == other.conflicts(with: mode))
      }
      #expect(LockMode(serverName: mode.serverName) == mode && LockMode(name: mode.name) == mode)
    }
    #expect(LockMode.shareUpdateExclusive.serverName == "ShareUpdateExclusiveLock")
  }

  @Test func tooFewCallsSayNothing() {
    let before = StatementBaseline(queryID: "1", text: "SELECT", calls: 100, totalMilliseconds: 1_000)
    func judgement(_ calls: Int64, _ total: Double) -> String {
      MeasuredAgain(before, now: (calls, total)).judgement
    }
    #expect(judgement(100, 1_000) == "not called since the change")
    #expect(judgement(105, 1_001).hasPrefix("too few calls"))
    #expect(judgement(200, 1_100) == "faster: 10 times" && judgement(200, 2_000) == "as before")
    #expect(judgement(200, 4_000) == "slower: 3 times" && judgement(50, 10).contains("reset"))
    #expect(MeasuredAgain(before, now: nil).judgement.contains("not recorded any more"))
  }
}
