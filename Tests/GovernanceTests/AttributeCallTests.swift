// `(x).f` calls the function `f` with the value of `x`, whatever type that has: no name in front of the dot hides a call.

import Database
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct AttributeCallTests {
  private static let schema = """
    CREATE TYPE part AS (size integer);
    CREATE TABLE items (id integer, name text, p part);
    CREATE TABLE plain (id integer, title text);
    CREATE FUNCTION size_of(items) RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION waits(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(0)';
    """

  /// What PostgreSQL runs, and the gate has to see.
  private static let calls = [
    "SELECT (id).pg_sleep FROM items", "SELECT (name).pg_read_file FROM items",
    "SELECT ((name)).pg_read_file FROM items",
    "SELECT (id).waits FROM items", "SELECT id FROM items WHERE (id).pg_sleep IS NULL",
    "SELECT (tableoid).lo_unlink FROM items", "SELECT (x).pg_sleep FROM (SELECT id AS x FROM items) q",
    "WITH q AS (SELECT id AS x FROM items) SELECT (x).pg_sleep FROM q",
    "WITH q (x) AS (SELECT id FROM items) SELECT (x).pg_sleep FROM q, plain",
    "SELECT (column1).pg_sleep FROM (VALUES (1)) v", "SELECT (g).pg_sleep FROM generate_series(0, 0) g",
    "SELECT g.pg_sleep FROM generate_series(0, 0) g", "SELECT generate_series.pg_sleep FROM generate_series(0, 0)",
    "SELECT (generate_series).pg_sleep FROM generate_series(0, 0)",
    "SELECT (y).pg_sleep FROM generate_series(0, 0) g(y)",
    "SELECT (a).pg_sleep FROM plain AS t (a, b)", "SELECT (q).pg_sleep FROM (SELECT 0 AS q) q, plain",
    "SELECT (SELECT (id).pg_sleep) FROM items", "SELECT (plain).pg_sleep FROM plain, (SELECT 0 AS plain) q",
    "SELECT coalesce.pg_sleep FROM coalesce(0, 1)", "UPDATE plain SET title = (id).pg_sleep::text",
    "INSERT INTO plain VALUES (1) RETURNING (id).pg_sleep", "SELECT (p.size).pg_sleep FROM items",
    "SELECT id FROM plain ORDER BY (id).pg_sleep", "SELECT count(*) FROM plain GROUP BY (id).pg_sleep",
    "SELECT 1 FROM items i JOIN plain p ON (name).pg_read_file IS NULL",
  ]

  private func verdicts(_ texts: [String]) async throws -> [Verdict] {
    var found: [Verdict] = []
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var gate = Gate(names: LiveNames(on: session))
      for text in texts { found.append(try await gate.judge(text)) }
      await session.close()
    }
    return found
  }

  @Test func aCallIsSeenBehindEveryName() async throws {
    for (text, verdict) in zip(Self.calls, try await verdicts(Self.calls)) {
      #expect(verdict.isRejected || verdict.permissions.contains(.admin) || text.contains("lo_unlink"), "\(text)")
      #expect(verdict.isRejected || (verdict.strongest ?? .admin) >= .write, "\(text)")
    }
  }

  @Test func whatIsAColumnReads() async throws {
    let texts = [
      "SELECT (items).name, (i).id FROM items, plain i", "SELECT (p).size FROM items", "SELECT (i.p).size FROM items i",
      "SELECT items.size_of FROM items", "SELECT (items).size_of FROM items",
      "SELECT (q).id FROM (SELECT id FROM plain) q",
      "SELECT (g).id FROM plain g", "SELECT g.g FROM generate_series(1, 2) g",
      "SELECT (each).key FROM json_each('{}') each",
      "SELECT (t.r).id FROM (SELECT plain AS r FROM plain) t",
    ]
    for (text, verdict) in zip(texts, try await verdicts(texts)) {
      #expect(verdict.strongest == .read, "\(text): \(verdict.rule) \(verdict.message)")
    }
  }
}

/// Names that Swift takes for the same text and PostgreSQL for two names.
@Suite(.needsServer) struct SpelledNameTests {
  private static let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")

  @Test func aQueryHidesNoTableOfAnotherSpelling() async throws {
    try await withDatabase(
      schema: "CREATE TABLE \"\(Self.composed)\" (id integer); CREATE FUNCTION \"\(Self.composed)\"(i integer) "
        + "RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
        + "CREATE FUNCTION \"\(Self.decomposed)\"(i integer) RETURNS integer LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(0)'"
    ) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var gate = Gate(names: LiveNames(on: session))
      for text in [
        "WITH \"\(Self.decomposed)\" AS (SELECT 1) SELECT * FROM \"\(Self.composed)\"",
        "WITH RECURSIVE \"\(Self.decomposed)\" AS (SELECT 1) TABLE \"\(Self.composed)\"",
        "WITH U&\"cafe\\0301\" AS (SELECT 1) SELECT * FROM U&\"caf\\00e9\"",
      ] {
        #expect(try await gate.judge(text).relations.map(\.name) == [Self.composed], "\(text)")
      }
      // The other spelling is another name, and whoever asks for it first takes nothing away.
      #expect(try await gate.judge("SELECT * FROM \"\(Self.decomposed)\"").relations.allSatisfy { $0.schema == nil })
      #expect(try await gate.judge("SELECT * FROM \"\(Self.composed)\"").relations.map(\.schema) == ["public"])
      #expect(try await gate.judge("SELECT \"\(Self.composed)\"(1)").strongest == .read)
      #expect(try await gate.judge("SELECT \"\(Self.decomposed)\"(1)").strongest == .admin)
      await session.close()
    }
  }

  @Test func aQuotationMarkUnderAnAccentIsDoubled() {
    #expect(quotedName("a\"\u{301}b").unicodeScalars.filter { $0 == "\"" }.count == 4)
    #expect(quotedText("a'\u{301}b").unicodeScalars.filter { $0 == "'" }.count == 4)
    #expect(quotedText("\\\u{301}'").unicodeScalars.filter { $0 == "\\" }.count == 2)
    #expect(quotedIdentifier("a\"\u{301}b").unicodeScalars.filter { $0 == "\"" }.count == 4)
  }
}
