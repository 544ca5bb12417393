// Whether a real server takes what `plannableText` makes of what pg_stat_statements shows.

import SQLSyntax
import Support
import Testing

struct ServerAgreementTests {
  private static let schema = """
    CREATE TABLE t (a int, s text, d timestamp, n numeric);
    """

  private static let statements = [
    "select date '1995-01-01', interval '1 day', interval '90' day as x, interval '1' minute to second(3)",
    "select interval(3) '1.23456 sec', interval '1' year, interval '1-2' year to month y",
    "select timestamp with time zone '2020-01-01 00:00Z', timestamp(3) with time zone '2020-01-01 00:00Z'",
    "select time without time zone '10:00', time(2) '10:00:01.123', timetz '10:00+1', bool 'true'",
    "select numeric(8,2) '1.5', double precision '2.5', text 'x', point '(1,2)', pg_catalog.date '2020-01-01'",
    "select bit varying(3) '101', bit '1', character varying(5) 'abc', \"char\" 'c', national character 'x', json '{}'",
    "select extract(year from d) from t where d > date '2020-01-01' - interval '1' year",
    "select extract(epoch from interval '1 day' + interval '2' hour), date_trunc('day', d) from t",
    "select count(*) from t where d between date '2020-01-01' and date '2020-01-01' + interval '3' month "
      + "and extract(dow from d) in (1, 2, 3)",
    "select substring(s from 1 for 2), overlay(s placing 'x' from 1), position('a' in s), trim(both 'x' from s) from t",
    "select -5, '5'::int, cast('5' as int), 1e3, B'101', E'a\\n', true, null::int from t limit 3 offset 1",
    "select * from t where s like 'a%' escape '!' and (a, n) in ((1, 2), (3, 4)) and a = any('{1,2}'::int[])",
    "select * from t tablesample bernoulli (10) repeatable (5)",
    "select a, row_number() over (order by d rows between 1 preceding and 2 following) from t",
    "select case when a > 5 then 'a' else 'b' end, coalesce(s, 'x'), array[1, 2, 3], '{}'::jsonb -> 'a' from t",
    "select s from t order by 1 fetch first 3 rows only",
    "insert into t values (1, 'a', timestamp '2020-01-01', 1.5), (2, 'b', '2020-01-02', default)",
    "update t set (d, s) = (d + interval '1 day', 'z') where a = 1 and d < date '2020-01-01'",
    "delete from t where d < current_date - interval '30 days'",
  ]

  @Test(.needsServer) func shownStatementsCanBePrepared() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let psql = try ScratchCluster.shared().psql
      func run(_ sql: String) throws -> [Substring] {
        try requireCommand([psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"], input: sql)
          .split(separator: "\n")
      }
      let version = try #require(try run("SHOW server_version_num").first.flatMap { Int($0) })
      guard try run("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'").count == 1 else { return }
      _ = try run(Self.statements.joined(separator: ";\n"))
      let shown = try run(
        """
        SELECT query FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND query ~* '^(select|insert|update|delete)' AND query !~ 'pg_(stat|ext|data)'
        """)
      #expect(shown.count == Self.statements.count)
      let plannable = try shown.map { plannableText(try single(String($0)), serverVersion: version) }
      #expect(zip(shown, plannable).contains { $0 != $1 })
      _ = try run(plannable.enumerated().map { "PREPARE p\($0) AS \($1);" }.joined(separator: "\n"))
      // The server refuses the words it showed itself: without that there would be nothing to respell.
      #expect(throws: CommandFailure.self) { try run("PREPARE q AS select date $1") }
      #expect(throws: CommandFailure.self) { try run("PREPARE q AS select interval $1 day") }
      #expect(throws: CommandFailure.self) { try run("PREPARE q AS select extract($1 from now())") }
    }
  }
}
