// What reading and writing a relation makes a real server evaluate.

import Database
import Support
import Testing

@Suite(.needsServer) struct RelationLookupTests {
  private func relation(_ answer: NameAnswer, _ name: String) throws -> RelationEntry {
    try #require(answer.relations.first { $0.name == name })
  }

  private func id(_ answer: NameAnswer, _ function: String) throws -> UInt32 {
    try #require(answer.functions.first { $0.name == function }).id
  }

  private static let code = """
    CREATE FUNCTION public.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE FUNCTION public.fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION public.idle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';

    """

  @Test func everyKindInEverySchema() async throws {
    let schema = """
      CREATE SCHEMA app;
      CREATE TABLE public.t (a int, gone text, "B" numeric);
      ALTER TABLE public.t DROP COLUMN gone;
      CREATE TABLE app.t (c int) PARTITION BY LIST (c);
      CREATE VIEW public.v AS SELECT t.a FROM t;
      CREATE MATERIALIZED VIEW public.m AS SELECT v.a FROM v;
      CREATE SEQUENCE public.s;
      CREATE INDEX i ON public.t (a);
      CREATE INDEX p ON app.t (c);
      CREATE TYPE public.pair AS (a int);
      """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) { $0.relations = ["t", "v", "m", "s", "i", "p", "pair", "absent"] }
      let tables = found.relations.filter { $0.name == "t" }
      #expect(tables.map(\.schema).sorted() == ["app", "public"])
      #expect(tables.map(\.kind) == [.table, .partitionedTable] && tables.allSatisfy { $0.origin == .user })
      #expect(
        tables[0].columns == [
          RelationEntry.Column(name: "a", type: 23), RelationEntry.Column(name: "B", type: 1700),
        ])
      let kinds = try ["v", "m", "s", "i", "p", "pair"].map { try relation(found, $0).kind }
      #expect(kinds == [.view, .materializedView, .sequence, .index, .partitionedIndex, .composite])
      // Qualified, although `public` is on the session's own search path.
      #expect(try relation(found, "v").definition?.contains("FROM public.t") == true)
      #expect(try relation(found, "m").definition?.contains("FROM public.v") == true)
      #expect(tables[0].definition == nil && tables[0].rules.isEmpty && tables[0].foreignServer == nil)
      let again = try await lookUp(url) { $0.relationIDs = [tables[1].id] }
      #expect(again.relations == [tables[1]])
    }
  }

  @Test func rulesPoliciesAndTriggers() async throws {
    let schema =
      Self.code + """
        CREATE TABLE public.t (a int);
        CREATE TABLE public.log (a int);
        CREATE VIEW public.v AS SELECT a FROM public.t;
        CREATE RULE noted AS ON INSERT TO public.v DO INSTEAD INSERT INTO public.log VALUES (public.f(NEW.a));
        CREATE RULE unused AS ON DELETE TO public.log DO INSTEAD NOTHING;
        ALTER TABLE public.log DISABLE RULE unused;
        CREATE POLICY own ON public.t USING (a = public.f(1)) WITH CHECK (a > 0);
        CREATE POLICY own ON public.log USING (true);
        ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;
        CREATE TRIGGER one BEFORE INSERT ON public.t FOR EACH ROW WHEN (NEW.a > public.f(2)) EXECUTE FUNCTION public.fired();
        CREATE TRIGGER two BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.fired();
        CREATE TRIGGER off BEFORE UPDATE ON public.t FOR EACH ROW WHEN (NEW.a > 3) EXECUTE FUNCTION public.idle();
        ALTER TABLE public.t DISABLE TRIGGER off;
        """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) {
        $0.relations = ["t", "v", "log"]
        $0.functions = ["fired"]
      }
      let view = try relation(found, "v")
      #expect(view.rules.count == 1)
      #expect(view.rules.first?.hasPrefix("CREATE RULE noted") == true)
      #expect(view.rules.first?.contains("INSERT INTO public.log") == true)
      let table = try relation(found, "t")
      #expect(table.policies.sorted() == ["(a = public.f(1))", "(a > 0)"])
      let other = try relation(found, "log")
      #expect(other.policies.isEmpty && other.rules.isEmpty)
      #expect(try table.triggerFunctions == [id(found, "fired")])
      #expect(table.triggers.count == 1 && table.triggers.first?.contains("WHEN ((new.a > public.f(2)))") == true)
    }
  }

  @Test func whatAWriteEvaluates() async throws {
    let schema =
      Self.code + """
        CREATE TABLE public.t (a int CHECK (a > public.f(1)), b int DEFAULT public.f(2),
          c int GENERATED ALWAYS AS (public.f(a)) STORED, d int);
        CREATE INDEX ON public.t (public.f(d)) WHERE d > 4;
        CREATE INDEX ON public.t (pg_catalog.abs(d));
        """
    try await withDatabase(schema: schema) { url in
      let table = try relation(try await lookUp(url) { $0.relations = ["t"] }, "t")
      #expect(
        Set(table.writeExpressions) == [
          "(a > public.f(1))", "public.f(2)", "public.f(a)", "public.f(d)", "(d > 4)", "abs(d)",
        ])
      // Only where something is called that is not PostgreSQL's own.
      #expect(Set(table.readExpressions) == ["public.f(d)", "(d > 4)", "(a > public.f(1))"])
      #expect(table.accessFunctions.isEmpty)
    }
  }

  @Test func partitionsAndChildren() async throws {
    let schema =
      Self.code
        + """
        CREATE TABLE public.p (a int, b int) PARTITION BY RANGE (public.f(a));
        CREATE TABLE public.low PARTITION OF public.p FOR VALUES FROM (0) TO (10);
        CREATE TRIGGER one BEFORE INSERT ON public.p FOR EACH ROW EXECUTE FUNCTION public.fired();
        CREATE TABLE public.child (CHECK (b > 7)) INHERITS (public.t);
        """.replacing("CREATE TABLE public.child", with: "CREATE TABLE public.t (b int);\nCREATE TABLE public.child")
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) {
        $0.relations = ["p", "low", "t", "child"]
        $0.functions = ["fired"]
      }
      let parent = try relation(found, "p")
      let partition = try relation(found, "low")
      #expect(parent.children == [partition.id] && parent.readExpressions == ["public.f(a)"])
      #expect(partition.readExpressions == ["public.f(a)"])
      #expect(try partition.triggerFunctions == [id(found, "fired")])
      let child = try relation(found, "child")
      #expect(try relation(found, "t").children == [child.id])
      #expect(child.readExpressions == ["(b > 7)"] && child.writeExpressions == ["(b > 7)"])
    }
  }

  @Test func foreignKeysThatWriteElsewhere() async throws {
    let schema = """
      CREATE TABLE public.parent (a int PRIMARY KEY);
      CREATE TABLE public.gone (a int REFERENCES public.parent ON DELETE CASCADE);
      CREATE TABLE public.emptied (a int REFERENCES public.parent ON UPDATE SET NULL);
      CREATE TABLE public.kept (a int REFERENCES public.parent);
      """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) { $0.relations = ["parent", "gone", "emptied", "kept"] }
      let parent = try relation(found, "parent")
      #expect(try parent.cascades == [relation(found, "gone").id, relation(found, "emptied").id].sorted())
      #expect(parent.triggerFunctions.isEmpty)
      #expect(try relation(found, "gone").cascades.isEmpty)
    }
  }

  @Test func foreignTablesNameServerAndWrapper() async throws {
    let schema = """
      CREATE FOREIGN DATA WRAPPER nothing;
      CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
      CREATE FOREIGN TABLE public.far (a int) SERVER elsewhere;
      """
    try await withDatabase(schema: schema) { url in
      let far = try relation(try await lookUp(url) { $0.relations = ["far"] }, "far")
      #expect(far.kind == .foreignTable && far.foreignServer == "elsewhere" && far.foreignWrapper == "nothing")
    }
  }

  @Test func functionsOfOperatorClassesAndStatistics() async throws {
    let schema =
      Self.code + """
        CREATE TABLE public.t (a int, b int);
        CREATE FUNCTION public.backwards(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $2 - $1';
        CREATE OPERATOR CLASS public.reversed FOR TYPE int USING btree AS
          OPERATOR 1 >, OPERATOR 3 =, OPERATOR 5 <, FUNCTION 1 public.backwards(int, int);
        CREATE INDEX ON public.t (a public.reversed);
        """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let hasExpressions = session.server.versionNumber >= 140_000
      if hasExpressions { try await session.execute("CREATE STATISTICS public.st ON public.f(b), a FROM public.t") }
      await session.close()
      let found = try await lookUp(url) {
        $0.relations = ["t"]
        $0.functions = ["backwards"]
      }
      let table = try relation(found, "t")
      #expect(try table.accessFunctions == [id(found, "backwards")])
      #expect(table.readExpressions == (hasExpressions ? ["public.f(b)"] : []) && table.writeExpressions.isEmpty)
    }
  }

  /// Equal until something changes what names mean; a change of data is none.
  @Test func theStampSeesWhatChangesNames() async throws {
    let schema = Self.code + "CREATE TABLE public.t (a int); CREATE VIEW public.v AS SELECT a FROM public.t;"
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let table = try relation(try await lookUp(url) { $0.relations = ["t"] }, "t").id
      var last = try await session.catalogStamp(of: [table])
      #expect(try await session.catalogStamp(of: [table]) == last)
      try await session.execute("INSERT INTO public.t VALUES (1)")
      #expect(try await session.catalogStamp(of: [table]) == last)
      let changes: [SQL] = [
        "CREATE OR REPLACE FUNCTION public.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2'",
        "CREATE OR REPLACE VIEW public.v AS SELECT a + 1 - 1 AS a FROM public.t",
        "ALTER TABLE public.t ADD COLUMN b int DEFAULT 1", "ALTER TABLE public.t ALTER COLUMN b SET DEFAULT 2",
        "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY", "CREATE POLICY own ON public.t USING (true)",
        "CREATE TRIGGER one BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.fired()",
        "ALTER TABLE public.t DISABLE TRIGGER one", "CREATE DOMAIN public.d AS int",
        "ALTER DOMAIN public.d ADD CHECK (VALUE > 0)", "CREATE INDEX ON public.t (public.f(a))",
        "CREATE OPERATOR public.# (RIGHTARG = int, FUNCTION = public.f)", "ALTER FUNCTION public.f(int) RENAME TO g",
        "CREATE SCHEMA app", "SET search_path = app", "ALTER TABLE public.t RENAME COLUMN a TO c",
        "DROP VIEW public.v", "SET search_path = public",
      ]
      for change in changes {
        try await session.execute(change)
        let stamp = try await session.catalogStamp(of: [table])
        #expect(stamp != last, "\(change)")
        last = stamp
      }
      await session.close()
    }
  }
}
