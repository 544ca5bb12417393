// Where something can stand in a statement, and what a statement can stand in.

import Governance

/// A template; `@` stands for the expression or the query.
struct MutationTemplate: Sendable {
  var text: String
  /// What the template alone needs.
  var floor: Permission

  init(_ text: String, _ floor: Permission = .read) {
    self.text = text
    self.floor = floor
  }

  func filled(with contents: String) -> String {
    var filled = ""
    for character in text {
      if character == "@" { filled += contents } else { filled.append(character) }
    }
    return filled
  }

  /// Places for an expression.
  static let positions: [MutationTemplate] =
    queries.map { MutationTemplate($0) } + changes.map { MutationTemplate($0, .write) }
    + definitions.map { MutationTemplate($0, .ddl) }

  private static let queries = [
    "SELECT @", "SELECT abs(@)", "SELECT 1 WHERE @ IS NULL", "SELECT 1 FROM orders AS a JOIN orders AS b ON @ IS NULL",
    "SELECT * FROM generate_series(1, @) AS g",
    "SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, @))",
    "SELECT * FROM orders AS o, LATERAL (SELECT @) AS l",
    "SELECT * FROM orders AS o, LATERAL generate_series(1, @) AS l",
    "VALUES (1), (@)", "SELECT * FROM (VALUES (1, @)) AS v", "SELECT 1 LIMIT @", "SELECT 1 OFFSET @",
    "SELECT 1 FETCH FIRST (@) ROWS ONLY", "SELECT id FROM orders ORDER BY @", "SELECT 1 FROM orders GROUP BY @",
    "SELECT 1 FROM orders GROUP BY GROUPING SETS ((), (@))", "SELECT 1 FROM orders GROUP BY ROLLUP (@), CUBE (id, @)",
    "SELECT 1 HAVING @ IS NULL", "SELECT DISTINCT ON (@) id FROM orders",
    "SELECT sum(id) OVER (PARTITION BY @) FROM orders",
    "SELECT sum(id) OVER w FROM orders WINDOW w AS (ORDER BY @)",
    "SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN @ PRECEDING AND CURRENT ROW) FROM orders",
    "SELECT count(*) FILTER (WHERE @ IS NULL) FROM orders", "SELECT array_agg(id ORDER BY @) FROM orders",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY @) FROM orders", "SELECT CASE @ WHEN NULL THEN 1 ELSE 2 END",
    "SELECT CASE WHEN true THEN @ END", "SELECT CASE WHEN false THEN 1 ELSE @ END", "SELECT COALESCE(NULL, @)",
    "SELECT NULLIF(1, @)", "SELECT GREATEST(1, @)", "SELECT ARRAY[@]", "SELECT (ARRAY[1, 2])[@]",
    "SELECT (ARRAY[1, 2])[1:@]", "SELECT ROW(1, @)", "SELECT (@, 1) IS NULL", "SELECT @ IS NOT NULL",
    "SELECT 1 IN (2, @)", "SELECT 1 = ANY (ARRAY[@])", "SELECT 1 BETWEEN 0 AND @", "SELECT 1 IS DISTINCT FROM @",
    "SELECT NOT (@ IS NULL)", "SELECT (@)::text", "SELECT CAST(@ AS text) COLLATE \"C\"",
    "SELECT xmlelement(NAME a, xmlattributes(@ AS b))", "SELECT xmlforest(@ AS a)",
    "SELECT * FROM XMLTABLE('/a' PASSING ('<a/>'::xml) COLUMNS b text DEFAULT (@))",
    "SELECT 1 FROM orders TABLESAMPLE bernoulli (@)", "SELECT 1 FROM orders TABLESAMPLE system (1) REPEATABLE (@)",
    "SELECT make_interval(days => @)", "SELECT format('%s', VARIADIC ARRAY[@])", "SELECT json_build_object('a', @)",
    "SELECT position('a' IN (@)::text)", "SELECT now() AT TIME ZONE (@)::text", "SELECT \"left\"('abc', @)",
    "COPY (SELECT @) TO STDOUT",
    "WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + @ FROM r WHERE i < 1) SELECT 1",
  ]

  private static let changes = [
    "INSERT INTO trap.plain VALUES (@)", "UPDATE trap.plain SET id = @", "DELETE FROM trap.plain WHERE @ IS NULL",
    "DELETE FROM trap.plain RETURNING @",
    "INSERT INTO countries VALUES ('a') ON CONFLICT (code) DO UPDATE SET name = @",
    "MERGE INTO trap.plain AS p USING orders AS o ON o.id = @ WHEN NOT MATCHED THEN DO NOTHING",
    "WITH x AS (INSERT INTO trap.plain VALUES (@) RETURNING 1) SELECT 1",
    "UPDATE trap.plain SET (id, note) = (SELECT @, 'a')",
  ]

  private static let definitions = [
    "CREATE TABLE made AS SELECT @", "SELECT @ INTO made", "CREATE VIEW made AS SELECT @",
    "CREATE MATERIALIZED VIEW made AS SELECT @", "CREATE INDEX ON trap.plain ((@))",
    "ALTER TABLE trap.plain ADD COLUMN c integer DEFAULT (@)", "CREATE TABLE made (i integer CHECK (i > (@)))",
  ]

  /// What a whole query can stand in, as a query again.
  static let nestings: [MutationTemplate] = [
    "WITH x AS (@) SELECT 1 FROM x", "WITH x AS MATERIALIZED (@) SELECT 1", "SELECT 1 FROM (@) AS s",
    "SELECT (SELECT 1 FROM (@) AS s)",
    "SELECT EXISTS (@)", "SELECT 1 UNION ALL (SELECT 1 FROM (@) AS s)", "(SELECT 1 FROM (@) AS s) EXCEPT SELECT 2",
    "((((@))))",
    "SELECT 1 FROM orders AS o, LATERAL (@) AS l", "SELECT ARRAY(SELECT 1 FROM (@) AS s)",
    "VALUES ((SELECT 1 FROM (@) AS s))",
    "SELECT 1 WHERE 1 IN (SELECT 1 FROM (@) AS s)", "WITH a AS (WITH b AS (@) SELECT 1 FROM b) TABLE a",
    "SELECT CASE WHEN EXISTS (@) THEN 1 END", "SELECT 1 ORDER BY (SELECT count(*) FROM (@) AS s)",
  ].map { MutationTemplate($0) }

  /// What only a whole statement can stand in. Plain EXPLAIN plans, and planning evaluates.
  static let wrappings: [MutationTemplate] = [
    MutationTemplate("@"), MutationTemplate("@;"), MutationTemplate("/* a */ @ -- b"), MutationTemplate("  \n@\t"),
    MutationTemplate("EXPLAIN ANALYZE @"), MutationTemplate("EXPLAIN (ANALYSE true, COSTS off) @"),
    MutationTemplate("EXPLAIN @", .explain), MutationTemplate("EXPLAIN (ANALYZE on, ANALYZE off) @", .explain),
  ]
}
