// Constants to parameters.

import Testing

@testable import SQLSyntax

struct NormalizeTests {
  @Test(arguments: [
    ("select * from t where a = 'x' and b > -5.5", "select * from t where a = $1 and b > $2"),
    ("select -5, - 5, -(5), - - 5, -(-(5)), 1-5, a -5", "select $1, $2, $3, $4, $5, $6-$7, a -$8"),
    ("select 'a'\n  'b', E'\\n', $$x$$, B'1', X'f'", "select $1, $2, $3, $4, $5"),
    ("select U&'\\0061', U&'d!0061' uescape '!', 1", "select $1, $2, $3"),
    ("select true, false, null, a is null, b is true", "select $1, $2, $3, a is null, b is true"),
    (
      "select '5'::int, cast('a' as varchar(10)), 1.5::numeric(8,2)",
      "select $1::int, cast($2 as varchar(10)), $3::numeric(8,2)"
    ),
    (
      "select date '2020-01-01', interval '1' day, interval(3) '1 s', double precision '1.5'",
      "select date $1, interval $2 day, interval(3) $3, double precision $4"
    ),
    ("select extract(year from d), extract('year' from d)", "select extract(year from d), extract($1 from d)"),
    ("select n'abc', 1", "select n'abc', $1"),
    ("select $2, 'a', $7, 1", "select $2, $8, $7, $9"),
    ("select'x'from t where a='b'and c=1", "select $1 from t where a=$2 and c=$3"),
    (
      "select a, 1 from t group by a, 2, (1, 2), rollup (1, a) order by 1, b + 1",
      "select a, $1 from t group by a, 2, (1, 2), rollup (1, a) order by 1, b + $2"
    ),
    ("select distinct on (1) a from t limit 10 offset 5", "select distinct on (1) a from t limit $1 offset $2"),
    ("select a from t limit all", "select a from t limit all"),
    ("select a from t fetch first row only", "select a from t fetch first row only"),
    ("insert into t values (1, default, 'é'), (2, null, '')", "insert into t values ($1, default, $2), ($3, $4, $5)"),
    (
      "select a[1], b[1:2], array[1,2], (1, 2), f(x => 1) from t",
      "select a[$1], b[$2:$3], array[$4,$5], ($6, $7), f(x => $8) from t"
    ),
    ("select 1 -- one\n, /* 5 */ 2", "select $1 -- one\n, /* 5 */ $2"),
    ("select a from t", "select a from t"),
  ])
  func normalizes(_ text: String, _ normal: String) throws {
    #expect(try normalized(single(text)) == normal)
  }

  @Test func worksInsideAFileOfStatements() throws {
    let statements = try parse("select 'é', 1; /* c */ select a from t where b = 'x'; select 5")
    #expect(statements.map(normalized) == ["select $1, $2", "select a from t where b = $1", "select $1"])
  }
}
