// What names mean in the catalog of a real server: functions, operators, casts, and what holds for the whole database.

import Database
import Support
import Testing

/// Asks in a session of its own.
func lookUp(_ url: String, _ fill: (inout NameQuestion) -> Void) async throws -> NameAnswer {
  let session = try await Session.open(ConnectionTarget(url: url))
  var question = NameQuestion()
  fill(&question)
  let answer = try await session.lookUp(question)
  await session.close()
  return answer
}

@Suite(.needsServer) struct NameLookupTests {
  private static let functions = """
    CREATE SCHEMA "Odd App";
    CREATE TYPE public.colour AS ENUM ('red', 'green');
    CREATE FUNCTION public.lower(a int, VARIADIC b text[] DEFAULT ARRAY[pg_catalog.version()]) RETURNS text
      LANGUAGE sql STABLE SET search_path = app, pg_temp AS 'SELECT $2[1]';
    CREATE FUNCTION "Odd App"."Total"(IN c public.colour, OUT sum int, INOUT n numeric) LANGUAGE plpgsql SECURITY DEFINER
      AS 'BEGIN sum := 1; END';
    REVOKE EXECUTE ON FUNCTION "Odd App"."Total"(public.colour, numeric) FROM PUBLIC;
    CREATE PROCEDURE public.left_over() LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION public.rows() RETURNS TABLE (x int) LANGUAGE internal AS 'pg_backend_pid';
    CREATE FUNCTION public.step(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
    CREATE AGGREGATE public.adds(int) (SFUNC = public.step, STYPE = int, COMBINEFUNC = public.step);
    """

  private func entry(_ entries: [FunctionEntry], _ schema: String, _ name: String) throws -> FunctionEntry {
    try #require(entries.first { $0.schema == schema && $0.name == name })
  }

  @Test func functionsOfOneNameInEverySchema() async throws {
    try await withDatabase(schema: Self.functions) { url in
      let found = try await lookUp(url) { $0.functions = ["lower"] }.functions
      let own = try entry(found, "public", "lower")
      let builtIn = try #require(found.first { $0.id == 870 })
      #expect(builtIn.schema == "pg_catalog" && builtIn.origin == .builtIn && builtIn.language == "internal")
      #expect(builtIn.body == nil && builtIn.signature == "pg_catalog.lower(text)" && builtIn.volatility == .immutable)
      #expect(own.origin == .user && own.kind == .function && own.volatility == .stable && own.language == "sql")
      #expect(own.argumentTypes == [23, 1009] && own.variadicType == 25 && own.returnType == 25 && !own.returnsSet)
      #expect(own.argumentNames == ["a", "b"] && own.allArgumentNames == ["a", "b"])
      #expect(own.defaultCount == 1 && own.defaults == "ARRAY[version()]")
      #expect(own.settings == ["search_path=app, pg_temp"] && own.body == "SELECT $2[1]" && !own.isStandardBody)
      #expect(own.isPublic && !own.isSecurityDefiner && own.signature == "public.lower(integer, text[])")
      #expect(found.map(\.id) == found.map(\.id).sorted())
    }
  }

  @Test func namesAndModesOfArgumentsAndWhoMayExecute() async throws {
    try await withDatabase(schema: Self.functions) { url in
      let found = try await lookUp(url) { $0.functions = ["Total", "rows", "left_over", "absent", "total"] }.functions
      #expect(found.count == 3)
      let total = try entry(found, "Odd App", "Total")
      #expect(total.argumentNames == ["c", "n"] && total.allArgumentNames == ["c", "sum", "n"])
      #expect(total.isSecurityDefiner && !total.isPublic && total.language == "plpgsql")
      #expect(total.volatility == .volatile && total.body == "BEGIN sum := 1; END")
      #expect(total.signature == "\"Odd App\".\"Total\"(public.colour, numeric)")
      let rows = try entry(found, "public", "rows")
      #expect(rows.argumentNames == [""] || rows.argumentNames.isEmpty)
      #expect(rows.allArgumentNames == ["x"] && rows.returnsSet && rows.body == "pg_backend_pid")
      #expect(try entry(found, "public", "left_over").kind == .procedure)
    }
  }

  @Test func partsOfAggregatesAndFunctionsByIdentifier() async throws {
    try await withDatabase(schema: Self.functions) { url in
      let sum = try entry(try await lookUp(url) { $0.functions = ["adds"] }.functions, "public", "adds")
      #expect(sum.kind == .aggregate && sum.parts.count == 2 && Set(sum.parts).count == 1)
      let parts = try await lookUp(url) { $0.functionIDs = Set(sum.parts).union([870, 4_294_967_295]) }.functions
      #expect(parts.map(\.signature) == ["pg_catalog.lower(text)", "public.step(integer, integer)"])
    }
  }

  @Test func standardBodies() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard session.server.versionNumber >= 140_000 else { return await session.close() }
      try await session.execute("CREATE SCHEMA app")
      try await session.execute("CREATE TABLE app.t (a int)")
      try await session.execute("SET search_path = app, public")
      try await session.execute("CREATE FUNCTION many() RETURNS bigint RETURN (SELECT count(*) FROM t)")
      try await session.execute(
        "CREATE FUNCTION \"left\"() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT a FROM t; END")
      var question = NameQuestion()
      question.functions = ["many"]
      let many = try #require(try await session.lookUp(question).functions.first)
      #expect(many.isStandardBody && many.body?.hasPrefix("RETURN") == true)
      // Qualified although `app` is on the session's own search path.
      #expect(many.body?.contains("FROM app.t") == true)
      question.functions = ["left"]
      let left = try entry(try await session.lookUp(question).functions, "app", "left")
      #expect(left.body?.hasPrefix("BEGIN ATOMIC") == true && left.signature == "app.left()")
      #expect(try await session.surroundings().searchPath == ["pg_catalog", "app", "public"])
      await session.close()
    }
  }

  @Test func membersOfExtensions() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard case .installed = session.server.hypopg, case .installed = session.server.statStatements else {
        return await session.close()
      }
      var question = NameQuestion()
      question.functions = ["hypopg_reset"]
      question.relations = ["pg_stat_statements"]
      let answer = try await session.lookUp(question)
      #expect(answer.functions.map(\.origin) == [.fromExtension("hypopg")])
      #expect(answer.relations.map(\.origin) == [.fromExtension("pg_stat_statements")])
      await session.close()
    }
  }

  @Test func operatorsWithEstimatorsAndPartners() async throws {
    let schema = """
      CREATE FUNCTION public.same(int, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
      CREATE FUNCTION public.other(int, text) RETURNS bool LANGUAGE sql AS 'SELECT false';
      CREATE OPERATOR public.<> (LEFTARG = int, RIGHTARG = text, FUNCTION = public.other);
      CREATE OPERATOR public.= (LEFTARG = int, RIGHTARG = text, FUNCTION = public.same, RESTRICT = eqsel, JOIN = eqjoinsel,
        NEGATOR = OPERATOR(public.<>));
      CREATE FUNCTION public.twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
      CREATE OPERATOR public.# (RIGHTARG = int, FUNCTION = public.twice);
      """
    try await withDatabase(schema: schema) { url in
      let answer = try await lookUp(url) {
        $0.operators = ["=", "#"]
        $0.functions = ["same", "other", "twice", "eqsel", "eqjoinsel"]
      }
      func id(_ name: String) throws -> UInt32 { try #require(answer.functions.first { $0.name == name }).id }
      let equal = try #require(answer.operators.first { $0.schema == "public" && $0.name == "=" })
      #expect(equal.leftType == 23 && equal.rightType == 25 && equal.resultType == 16 && equal.origin == .user)
      #expect(try equal.function == id("same") && equal.estimators == [id("eqsel"), id("eqjoinsel")])
      #expect(try equal.partners == [id("other")])
      let prefix = try #require(answer.operators.first { $0.schema == "public" && $0.name == "#" })
      #expect(try prefix.leftType == 0 && prefix.function == id("twice") && prefix.estimators.isEmpty)
      let builtIn = try #require(answer.operators.first { $0.id == 96 })
      #expect(builtIn.origin == .builtIn && builtIn.schema == "pg_catalog" && builtIn.partners.isEmpty)
    }
  }

  @Test func surroundingsTellTheSessionsOwnPathAndWhatHoldsEverywhere() async throws {
    let schema = """
      CREATE SCHEMA app;
      CREATE TYPE app.pair AS (a int, b int);
      CREATE FUNCTION app.to_text(app.pair) RETURNS text LANGUAGE sql AS 'SELECT ''x''';
      CREATE CAST (app.pair AS text) WITH FUNCTION app.to_text(app.pair) AS ASSIGNMENT;
      CREATE CAST (app.pair AS json) WITH INOUT AS IMPLICIT;
      CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE FUNCTION app.off_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.on_ddl();
      CREATE EVENT TRIGGER unused ON ddl_command_end EXECUTE FUNCTION app.off_ddl();
      ALTER EVENT TRIGGER unused DISABLE;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("SET search_path = public, absent, app, pg_catalog")
      try await session.execute("CREATE TEMP TABLE scratch ()")
      let found = try await session.surroundings()
      #expect(found.searchPath.count == 4 && found.searchPath.first?.hasPrefix("pg_temp_") == true)
      #expect(found.searchPath.dropFirst() == ["public", "app", "pg_catalog"])
      #expect(found.versionNumber == session.server.versionNumber && found.operatorClasses.isEmpty)
      var question = NameQuestion()
      question.functions = ["on_ddl", "to_text"]
      question.types = ["pair"]
      let names = try await session.lookUp(question)
      let pair = try #require(names.types.first).id
      #expect(found.eventTriggerFunctions == names.functions.filter { $0.name == "on_ddl" }.map(\.id))
      let function = try #require(names.functions.first { $0.name == "to_text" }).id
      #expect(
        found.casts == [
          CastEntry(source: pair, target: 25, function: function, isImplicit: false, isAssignment: true),
          CastEntry(source: pair, target: 114, function: 0, isImplicit: true, isAssignment: false),
        ])
      await session.close()
    }
  }

  /// Somebody's `=` that stands before PostgreSQL's own on the search path must not run when we ask.
  @Test func ourQuestionsCallNobodysOperators() async throws {
    let schema = """
      CREATE TABLE public.witness (a int);
      CREATE FUNCTION public.seen(oid, oid) RETURNS bool LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.witness VALUES (1); RETURN true; END';
      CREATE FUNCTION public.seen("char", "char") RETURNS bool LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.witness VALUES (2); RETURN true; END';
      CREATE FUNCTION public.seen(name, name) RETURNS bool LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.witness VALUES (3); RETURN true; END';
      CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.seen);
      CREATE OPERATOR public.>= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.seen);
      CREATE OPERATOR public.< (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.seen);
      CREATE OPERATOR public.<> (LEFTARG = "char", RIGHTARG = "char", FUNCTION = public.seen);
      CREATE OPERATOR public.= (LEFTARG = "char", RIGHTARG = "char", FUNCTION = public.seen);
      CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.seen);
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("SET search_path = public, pg_catalog")
      _ = try await session.surroundings()
      _ = try await session.catalogStamp(of: [1259])
      var question = NameQuestion()
      question.functions = ["seen"]
      question.operators = ["="]
      question.types = ["int4"]
      question.relations = ["witness"]
      let answer = try await session.lookUp(question)
      #expect(answer.functions.count == 3 && answer.relations.count == 1 && answer.types.count == 1)
      #expect(try await session.rows("SELECT count(*) FROM public.witness", as: Int.self) == [0])
      await session.close()
    }
  }

  @Test func odditiesAreNamesLikeAllOthers() async throws {
    try await withDatabase(schema: #"CREATE TABLE public."{a,""b\'c" (x int); CREATE TABLE public.t ()"#) { url in
      let odd = try await lookUp(url) { $0.relations = [#"{a,"b\'c"#, "t\0u", ""] }.relations
      #expect(odd.map(\.name) == [#"{a,"b\'c"#])
      #expect(try await lookUp(url) { _ in } == NameAnswer())
    }
  }

  @Test func lookingUpInsideATransactionLeavesItAsItWas() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let before = try await session.surroundings().searchPath
      let after = try await session.readOnly { session in
        var question = NameQuestion()
        question.relations = ["pg_stats"]
        let view = try #require(try await session.lookUp(question).relations.first)
        #expect(view.origin == .builtIn && view.definition?.contains("pg_statistic") == true)
        return try await session.surroundings().searchPath
      }
      #expect(before == after)
      await session.close()
    }
  }
}
