// What a type's values are made of, and what handling them makes a real server run.

import Database
import Support
import Testing

@Suite(.needsServer) struct TypeLookupTests {
  private func type(_ answer: NameAnswer, _ name: String) throws -> TypeEntry {
    try #require(answer.types.first { $0.name == name })
  }

  private func id(_ answer: NameAnswer, _ function: String) throws -> UInt32 {
    try #require(answer.functions.first { $0.name == function }).id
  }

  @Test func domainsByTheirExpressionsAndBases() async throws {
    let schema = """
      CREATE FUNCTION public.fits(text) RETURNS bool LANGUAGE sql AS 'SELECT true';
      CREATE DOMAIN public.base AS text CHECK (public.fits(VALUE)) NOT NULL;
      CREATE DOMAIN public.derived AS public.base DEFAULT pg_catalog.lower('X') CHECK (VALUE <> '') CHECK (VALUE <> ' ');
      CREATE DOMAIN public.listed AS public.derived[];
      """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) { $0.types = ["base", "derived", "_derived", "listed", "text", "absent"] }
      #expect(found.types.count == 5)
      let base = try type(found, "base")
      #expect(base.kind == .domain && base.origin == .user && base.schema == "public" && base.madeOf.isEmpty)
      #expect(base.expressions == ["public.fits(VALUE)"])
      let derived = try type(found, "derived")
      #expect(derived.madeOf == [base.id] && derived.functions.isEmpty)
      #expect(
        derived.expressions == ["((VALUE)::text <> ''::text)", "((VALUE)::text <> ' '::text)"])
      #expect(derived.defaultExpression == "lower('X'::text)")
      let array = try type(found, "_derived")
      #expect(array.madeOf == [derived.id] && array.kind == .base)
      #expect(try type(found, "listed").madeOf == [array.id])
      let text = try type(found, "text")
      #expect(text.origin == .builtIn && text.functions.isEmpty && text.expressions.isEmpty && text.relation == 0)
    }
  }

  @Test func compositesEnumsAndRowTypes() async throws {
    let schema = """
      CREATE TYPE public.colour AS ENUM ('red');
      CREATE TYPE public.pair AS (a int, b public.colour, gone text, c public.colour[]);
      ALTER TYPE public.pair DROP ATTRIBUTE gone;
      CREATE TABLE public.t (a int, b public.pair);
      """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) {
        $0.types = ["colour", "_colour", "pair", "t"]
        $0.relations = ["t", "pair"]
      }
      let colour = try type(found, "colour")
      #expect(colour.kind == .enumeration && colour.madeOf.isEmpty)
      let pair = try type(found, "pair")
      #expect(try pair.kind == .composite && pair.madeOf == [colour.id, type(found, "_colour").id].sorted())
      #expect(pair.relation == found.relations.first { $0.kind == .composite }?.id)
      let row = try type(found, "t")
      #expect(row.madeOf == [pair.id] && row.relation == found.relations.first { $0.kind == .table }?.id)
      #expect(try await lookUp(url) { $0.typeIDs = [pair.id, 23] }.types.map(\.name) == ["int4", "pair"])
    }
  }

  @Test func rangesWithTheirFunctions() async throws {
    let schema = """
      CREATE TYPE public.colour AS ENUM ('red', 'green');
      CREATE TYPE public.span;
      CREATE FUNCTION public.distance(int, int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 1.0::float8';
      CREATE FUNCTION public.canonical(public.span) RETURNS public.span LANGUAGE internal IMMUTABLE AS 'int4range_canonical';
      CREATE TYPE public.span AS RANGE (SUBTYPE = int, CANONICAL = public.canonical, SUBTYPE_DIFF = public.distance);
      CREATE TYPE public.shades AS RANGE (SUBTYPE = public.colour);
      """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) {
        $0.types = ["span", "shades", "colour", "shades_multirange"]
        $0.functions = ["distance", "canonical"]
      }
      let span = try type(found, "span")
      #expect(try span.kind == .range && span.functions == [id(found, "distance"), id(found, "canonical")].sorted())
      let shades = try type(found, "shades")
      #expect(try shades.madeOf == [type(found, "colour").id] && shades.functions.isEmpty)
      if let multirange = found.types.first(where: { $0.name == "shades_multirange" }) {
        #expect(multirange.kind == .multirange && multirange.madeOf == [shades.id])
      }
    }
  }

  /// A base type and an operator class in SQL: sorting, grouping and printing run somebody's functions.
  @Test func baseTypesWithTheirFunctionsAndOperatorClasses() async throws {
    let schema = """
      CREATE TYPE public.mark;
      CREATE FUNCTION public.mark_in(cstring) RETURNS public.mark LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
      CREATE FUNCTION public.mark_out(public.mark) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
      CREATE TYPE public.mark (INPUT = public.mark_in, OUTPUT = public.mark_out, LIKE = int4);
      CREATE FUNCTION public.compare(public.mark, public.mark) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
      CREATE FUNCTION public.less(public.mark, public.mark) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';
      CREATE FUNCTION public.unused(public.mark, public.mark) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';
      CREATE OPERATOR public.<< (LEFTARG = public.mark, RIGHTARG = public.mark, FUNCTION = public.less);
      CREATE OPERATOR public.>> (LEFTARG = public.mark, RIGHTARG = public.mark, FUNCTION = public.unused);
      CREATE OPERATOR CLASS public.marks DEFAULT FOR TYPE public.mark USING btree AS
        OPERATOR 1 public.<<, FUNCTION 1 public.compare(public.mark, public.mark);
      CREATE FUNCTION public.compare(point, point) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
      CREATE OPERATOR CLASS public.points DEFAULT FOR TYPE point USING btree AS FUNCTION 1 public.compare(point, point);
      """
    try await withDatabase(schema: schema) { url in
      let found = try await lookUp(url) {
        $0.types = ["mark", "_mark"]
        $0.functions = ["mark_in", "mark_out", "compare", "less"]
      }
      let mark = try type(found, "mark")
      let own = found.functions.filter { !$0.signature.contains("point") }.map(\.id)
      #expect(mark.kind == .base && mark.functions == own && own.count == 4)
      let array = try type(found, "_mark")
      #expect(array.functions.isEmpty && array.madeOf == [mark.id])
      let session = try await Session.open(ConnectionTarget(url: url))
      let classes = try await session.surroundings().operatorClasses
      #expect(classes.map(\.type) == [600] && classes.map(\.arrayType) == [1017])
      #expect(classes.map(\.functions) == [found.functions.filter { $0.signature.contains("point") }.map(\.id)])
      await session.close()
    }
  }
}
