// The query inside of a statement that is about it.

import Testing

@testable import SQLSyntax

struct InnerQueryTests {
  @Test(
    arguments: [
      ("PREPARE p (int, numeric(5, 2)) AS SELECT a FROM t WHERE b = $1", "SELECT a FROM t WHERE b = $1"),
      ("DECLARE c CURSOR WITH HOLD FOR SELECT a FROM t FOR UPDATE", "SELECT a FROM t FOR UPDATE"),
      ("EXPLAIN SELECT 1", "SELECT 1"),
      ("EXPLAIN (ANALYZE, FORMAT json) /* x */ WITH x AS (SELECT 1) TABLE x", "WITH x AS (SELECT 1) TABLE x"),
      ("EXPLAIN ANALYZE VERBOSE (SELECT 1) UNION SELECT 2", "(SELECT 1) UNION SELECT 2"),
      ("EXPLAIN CREATE TABLE x AS SELECT 1", "SELECT 1"),
      ("EXPLAIN EXECUTE p (1)", "EXECUTE p (1)"),
      ("CREATE TABLE x (a, b) WITH (fillfactor = 70) AS SELECT 1 AS a, 2 WITH NO DATA", "SELECT 1 AS a, 2"),
      ("CREATE MATERIALIZED VIEW v AS (SELECT 1) WITH DATA", "(SELECT 1)"),
      ("CREATE TABLE x AS EXECUTE p", "EXECUTE p"),
      ("COPY (SELECT (1), ')' FROM t) TO STDOUT (FORMAT csv)", "SELECT (1), ')' FROM t"),
      ("COPY (DELETE FROM t RETURNING a) TO '/x'", "DELETE FROM t RETURNING a"),
      ("COPY t (a, b) FROM STDIN", nil),
      ("SELECT 1", nil),
      ("REFRESH MATERIALIZED VIEW v", nil),
    ] as [(String, String?)])
  func theQueryAlone(_ text: String, _ expected: String?) throws {
    #expect(try parse(text)[0].innerQuery?.text == expected)
  }
}
