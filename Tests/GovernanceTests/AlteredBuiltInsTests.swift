// PostgreSQL's own objects, after a superuser has changed them: the name is trusted only as long as the object is.

import Database
import Governance
import Support
import Testing

@Suite(.needsServer) struct AlteredBuiltInsTests {
  private let schema = """
    CREATE EXTENSION citext;
    CREATE FUNCTION public.leak(integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN IF false THEN PERFORM pg_catalog.pg_sleep(9); END IF; RETURN true; END $$;
    CREATE FUNCTION public.leak(integer, integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN IF false THEN PERFORM pg_catalog.pg_sleep(9); END IF; RETURN 1; END $$;
    CREATE FUNCTION public.leak(public.citext, public.citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF false THEN PERFORM pg_catalog.pg_sleep(9); END IF; RETURN true; END $$;
    CREATE TABLE public.plain (id integer, name public.citext);
    """

  private func verdict(_ text: String, after changes: String) async throws -> Verdict {
    try await withDatabase(schema: schema + changes) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var gate = Gate(names: LiveNames(on: session))
      let verdict = try await gate.judge(text)
      await session.close()
      return verdict
    }
  }

  @Test(arguments: [
    (
      "CREATE OR REPLACE FUNCTION pg_catalog.lpad(text, integer) RETURNS text LANGUAGE sql AS 'SELECT public.leak($2)::text';",
      "SELECT lpad('a', 3)"
    ),
    (
      "CREATE OR REPLACE FUNCTION pg_catalog.upper(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM public.leak(1); RETURN ''; END $$;",
      "SELECT upper('a')"
    ),
    (
      "CREATE OR REPLACE AGGREGATE pg_catalog.max(integer) (SFUNC = public.leak, STYPE = integer);",
      "SELECT max(id) FROM plain"
    ),
    (
      "ALTER DOMAIN information_schema.cardinal_number ADD CHECK (public.leak(VALUE));",
      "SELECT ordinal_position FROM information_schema.columns"
    ),
    (
      "ALTER DOMAIN information_schema.cardinal_number ADD CHECK (public.leak(VALUE));",
      "SELECT id::information_schema.cardinal_number FROM plain"
    ),
    (
      "CREATE OR REPLACE VIEW pg_catalog.pg_tables AS SELECT n.nspname AS schemaname, c.relname AS tablename, "
        + "c.relname AS tableowner, c.relname AS tablespace, public.leak(1) AS hasindexes, true AS hasrules, true AS hastriggers, "
        + "true AS rowsecurity FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;",
      "SELECT tablename FROM pg_tables"
    ),
    (
      "CREATE OPERATOR public.<<>> (FUNCTION = public.leak, LEFTARG = public.citext, RIGHTARG = public.citext);"
        + " ALTER EXTENSION citext ADD OPERATOR public.<<>> (public.citext, public.citext);",
      "SELECT name <<>> name FROM plain"
    ),
    (
      "ALTER EXTENSION citext ADD FUNCTION public.leak(public.citext, public.citext);",
      "SELECT leak(name, name) FROM plain"
    ),
  ])
  func whatWasChangedIsJudgedByWhatItIsNow(_ changes: String, _ text: String) async throws {
    let before = try await verdict(text.contains("<<>>") || text.contains("leak") ? "SELECT 1" : text, after: "")
    #expect(!before.isRejected && before.permissions == [.read], "\(before)")
    let after = try await verdict(text, after: changes)
    #expect(after.permissions.contains(.admin), "\(after)")
  }

  /// What extensions bring themselves stays as harmless as it was.
  @Test(arguments: [
    "SELECT name = name, name ~ 'a', lower(name), max(name), replace(name, 'a', 'b') FROM plain GROUP BY name",
    "SELECT round(1.5), lpad('a', 3), age(now()), 'a' || 1, quote_literal(1), bit_length('a') FROM information_schema.tables",
  ])
  func whatWasNotChangedIsRead(_ text: String) async throws {
    let verdict = try await verdict(text, after: "")
    #expect(!verdict.isRejected && verdict.permissions == [.read], "\(verdict)")
  }
}
