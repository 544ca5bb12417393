// What the one pass over a tree notes: relations in scope, calls and operators in every place.

import SQLSyntax
import Testing

@testable import Governance

struct StatementReaderTests {
  private func mentions(_ text: String) throws -> Mentions {
    StatementReader.mentions(of: try #require(try parse(text).first))
  }

  @Test(arguments: [
    ("SELECT * FROM a, b.c JOIN d USING (id)", ["a", "b.c", "d"]),
    ("WITH a AS (SELECT 1 FROM t) SELECT * FROM a", ["t"]),
    ("WITH a AS (SELECT 1 FROM t) SELECT * FROM s.a", ["t", "s.a"]),
    ("WITH a AS (SELECT 1 FROM a) SELECT * FROM a", ["a"]),
    ("WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT 1 FROM a) SELECT * FROM a", []),
    ("WITH RECURSIVE a AS (SELECT 1 FROM b), b AS (SELECT 1) SELECT * FROM a", []),
    ("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b", []),
    ("SELECT (WITH x AS (SELECT 1) SELECT 1 FROM x), * FROM x", ["x"]),
    ("WITH x AS (SELECT 1) SELECT * FROM (SELECT * FROM (SELECT * FROM x) q) r", []),
    ("WITH x AS (SELECT 1) INSERT INTO x SELECT * FROM x", ["x"]),
    ("WITH x AS (SELECT 1) UPDATE x SET a = 1", ["x"]),
    ("(WITH x AS (SELECT 1) SELECT * FROM x) UNION SELECT * FROM x", ["x"]),
    ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", ["t"]),
    ("MERGE INTO m USING s ON m.i = s.i WHEN MATCHED THEN DELETE", ["m", "s"]),
    ("SELECT * FROM t TABLESAMPLE bernoulli (1)", ["t"]),
    ("CREATE VIEW v AS SELECT * FROM t", ["t"]),
    ("EXPLAIN ANALYZE SELECT * FROM t", ["t"]),
    ("COPY (SELECT * FROM t) TO STDOUT", ["t"]),
  ])
  func relationsInScope(_ text: String, _ expected: [String]) throws {
    let found = try mentions(text).relations.map { relation in
      relation.schema.map { "\($0).\(relation.name)" } ?? relation.name
    }
    #expect(found == expected)
  }

  @Test(arguments: [
    "SELECT f()", "SELECT 1 FROM f()", "SELECT 1 FROM ROWS FROM (g(), f())", "SELECT 1 FROM t, LATERAL f()",
    "VALUES (f())", "SELECT 1 LIMIT f()", "SELECT 1 OFFSET f()", "SELECT 1 ORDER BY f()", "SELECT 1 GROUP BY f()",
    "SELECT 1 GROUP BY GROUPING SETS ((a), (f()))", "SELECT 1 HAVING f()", "SELECT DISTINCT ON (f()) 1",
    "SELECT sum(1) OVER (PARTITION BY f())", "SELECT sum(1) OVER w FROM t WINDOW w AS (ORDER BY f())",
    "SELECT sum(1) OVER (ROWS f() PRECEDING)", "SELECT count(*) FILTER (WHERE f())", "SELECT array_agg(a ORDER BY f())",
    "SELECT percentile_cont(f()) WITHIN GROUP (ORDER BY 1)", "SELECT a[f()]", "SELECT ARRAY[f()]", "SELECT ROW(f())",
    "SELECT CASE f() WHEN 1 THEN 1 END", "SELECT CASE WHEN a THEN f() END", "SELECT COALESCE(f(), 1)",
    "SELECT (SELECT f())", "SELECT EXISTS (SELECT f())", "SELECT 1 WHERE 1 IN (SELECT f())", "SELECT f()::text",
    "SELECT a BETWEEN 1 AND f()", "SELECT 1 FROM a JOIN b ON f()", "SELECT f() COLLATE \"C\"",
    "SELECT 1 FROM t TABLESAMPLE system (f())", "SELECT 1 FROM t TABLESAMPLE system (1) REPEATABLE (f())",
    "SELECT xmlelement(name a, f())", "SELECT 1 FROM XMLTABLE('/a' PASSING f() COLUMNS a int)",
    "SELECT 1 FROM XMLTABLE('/a' PASSING x COLUMNS a int DEFAULT f())", "SELECT GREATEST(f(), 1)", "SELECT NOT f()",
    "SELECT f() IS NULL", "SELECT a AT TIME ZONE f()", "SELECT g(n => f())", "SELECT g(VARIADIC f())",
    "WITH x AS (SELECT f()) SELECT 1", "SELECT 1 UNION SELECT f()", "EXPLAIN SELECT f()", "TABLE t ORDER BY f()",
    "INSERT INTO t VALUES (f())", "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = f()",
    "UPDATE t SET a[f()] = 1", "DELETE FROM t RETURNING f()", "SELECT \"f\"()", "SELECT U&\"\\0066\"()",
    "SELECT /* a */ f -- b\n ( )",
  ])
  func callsAreFoundEverywhere(_ text: String) throws {
    #expect(try mentions(text).calls.contains { $0.name == "f" })
  }

  @Test(arguments: [
    ("SELECT a IN (1)", "="), ("SELECT a NOT IN (1)", "<>"), ("SELECT a = ANY (b)", "="),
    ("SELECT a BETWEEN 1 AND 2", ">="),
    ("SELECT NULLIF(a, b)", "="), ("SELECT a IS DISTINCT FROM b", "="), ("SELECT a LIKE b", "~~"),
    ("SELECT 1 FROM a JOIN b USING (c)", "="), ("SELECT 1 FROM a NATURAL JOIN b", "="), ("SELECT a IN (SELECT 1)", "="),
    ("SELECT CASE a WHEN 1 THEN 2 END", "="), ("SELECT 1 ORDER BY a USING <", "<"), ("SELECT a OPERATOR(s.=) b", "="),
    ("SELECT a > ALL (SELECT 1)", ">"),
  ])
  func operatorsAreFoundAlsoUnwritten(_ text: String, _ name: String) throws {
    #expect(try mentions(text).operators.contains { $0.name == name })
  }
}
