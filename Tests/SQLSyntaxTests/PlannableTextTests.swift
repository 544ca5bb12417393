// What pg_stat_statements shows, in words that the server takes.

import Testing

@testable import SQLSyntax

struct PlannableTextTests {
  /// Each right-hand side was prepared on PostgreSQL 15.
  @Test(arguments: [
    ("select date $1", "select CAST($1 AS date)"),
    ("select interval $1", "select CAST($1 AS interval)"),
    ("select interval $1 day", "select CAST($1 AS interval day)"),
    ("select interval $1 year to month as x", "select CAST($1 AS interval year to month) as x"),
    ("select interval $1 day to second(3), 1", "select CAST($1 AS interval day to second(3)), 1"),
    ("select interval $1 second(2) s", "select CAST($1 AS interval second(2)) s"),
    ("select interval(3) $1", "select CAST($1 AS interval(3))"),
    ("select timestamp with time zone $1", "select CAST($1 AS timestamp with time zone)"),
    ("select timestamp(3) without time zone $1", "select CAST($1 AS timestamp(3) without time zone)"),
    ("select time(2) $1, timestamptz $2", "select CAST($1 AS time(2)), CAST($2 AS timestamptz)"),
    ("select numeric(8, 2) $1, double precision $2", "select CAST($1 AS numeric(8, 2)), CAST($2 AS double precision)"),
    ("select bit varying(3) $1, varchar(5) $2", "select CAST($1 AS bit varying(3)), CAST($2 AS varchar(5))"),
    ("select bit $1, national character $2", "select CAST($1 AS pg_catalog.bit), CAST($2 AS pg_catalog.bpchar)"),
    ("select pg_catalog.date $1, \"char\" $2", "select CAST($1 AS pg_catalog.date), CAST($2 AS \"char\")"),
    ("select point $1 <-> point $2", "select CAST($1 AS point) <-> CAST($2 AS point)"),
    ("select extract($1 from d)", "select pg_catalog.extract($1, d)"),
    (
      "select EXTRACT( $1 FROM date $2 - interval $3 year )",
      "select pg_catalog.extract( $1, CAST($2 AS date) - CAST($3 AS interval year) )"
    ),
    (
      "select extract($1 from (select extract($2 from d)))",
      "select pg_catalog.extract($1, (select pg_catalog.extract($2, d)))"
    ),
    (
      "select a from t where d >= date $1 and d < date $1 + interval $2 month and b = $3 -- c\n and c = date\n$4",
      "select a from t where d >= CAST($1 AS date) and d < CAST($1 AS date) + CAST($2 AS interval month) and b = $3 -- c\n"
        + " and c = CAST($4 AS date)"
    ),
    (
      "select date/* a */ $1, double -- b\n precision $2",
      "select CAST($1 AS date), CAST($2 AS double -- b\n precision)"
    ),
    (
      "update t set d = date $1 where \"é\" = 'é' and e = time $2",
      "update t set d = CAST($1 AS date) where \"é\" = 'é' and e = CAST($2 AS time)"
    ),
    (
      "update t set (a, b) = (date $1, extract($2 from c))",
      "update t set (a, b) = (CAST($1 AS date), pg_catalog.extract($2, c))"
    ),
    ("insert into t values ($1, date $2)", "insert into t values ($1, CAST($2 AS date))"),
  ])
  func respells(_ shown: String, _ plannable: String) throws {
    #expect(plannableText(try single(shown), serverVersion: 150_000) == plannable)
    #expect(plannableText(try single(plannable), serverVersion: 150_000) == plannable)
    let second = try #require(parse("select 'é'; \(shown)").last)
    #expect(plannableText(second, serverVersion: 150_000) == plannable)
  }

  @Test(arguments: [
    "select $1::date, cast($2 as interval day), date_trunc($3, d)",
    "select date '2020-01-01', interval '1' day, extract(year from d), extract('year' from d)",
    "select pg_catalog.extract($1, d), date_part($2, d), f($3)",
    "select a from t where b = $1",
    "create table t (a int)",
  ])
  func leavesAlone(_ text: String) throws {
    #expect(plannableText(try single(text), serverVersion: 150_000) == text)
  }

  @Test func olderServersHaveNoExtractFunction() throws {
    let statement = try single("select extract($1 from d)")
    #expect(plannableText(statement, serverVersion: 130_016) == "select pg_catalog.date_part($1, d)")
    #expect(plannableText(statement, serverVersion: 140_000) == "select pg_catalog.extract($1, d)")
  }
}
