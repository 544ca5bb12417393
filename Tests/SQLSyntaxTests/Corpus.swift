// Statements of every kind that the tests of this room run over.

import SQLSyntax
import Support
import Testing

/// The one statement of a text.
func single(_ text: String) throws -> Statement {
  let statements = try parse(text)
  #expect(statements.count == 1)
  return try #require(statements.first)
}

/// The seeds of a fuzzing test: some that stay, and one of this run, which is printed so that a crash can be repeated.
func seeds(_ count: UInt64) -> [UInt64] {
  let fresh = SeededRandom().seed
  print("fuzzing with PGADVISOR_SEED=\(fresh)")
  return Array(1...count) + [fresh]
}

enum Corpus {
  /// Queries and changes of data, one statement each.
  static let plannable: [String] =
    queries + joins + expressions + changes

  static let queries = [
    "select 1",
    "SELECT * FROM t",
    "select a, b as c, t.d, s.t.e, t.* from s.t as t (a, b)",
    "select distinct a from t",
    "select distinct on (a, b) a, b, c from t order by a, b, c desc nulls last",
    "select a, count(*), sum(b) filter (where c > 3) from t group by a having count(*) > 10 order by 2 desc, a limit 10",
    "select a from t order by a using > fetch first 5 rows with ties",
    "select a from t limit all offset 3",
    "select a from t for update of t skip locked",
    "values (1, 'a'), (2, 'b')",
    "table t",
    "select a from t union all select a from u union select a from v order by a",
    "(select a from t) except (select a from u intersect select a from v)",
    "with recursive r(n) as (select 1 union all select n + 1 from r where n < 100) select sum(n) from r",
    "with a as materialized (select 1 as x), b as not materialized (select 2 as y) select * from a, b",
    "with d as (delete from t where a < 5 returning *) insert into u select * from d",
    "select a, rank() over (partition by b order by c desc), sum(d) over w from t window w as (order by e rows 3 preceding)",
    "select a, b, grouping(a) from t group by rollup (a, b), cube (c, d), grouping sets ((a), (b), ())",
    "select (select max(b) from u where u.a = t.a), exists (select 1 from v), array(select 1) from t",
    "select * from t where a in (select b from u) and c > any (select d from v) and e <> all (array[1, 2])",
    "select * from generate_series(1, 10) with ordinality as g(n, o), rows from (f(1), g('x')) as h",
    "select * from t tablesample bernoulli (1.5) repeatable (7)",
    "select * into temp tt from t",
  ]

  static let joins = [
    "select * from a, b where a.x = b.x",
    "select * from a join b on a.x = b.x left join c using (y) natural join d cross join e",
    "select * from (a full outer join b on a.x = b.x) as j where j.y is null",
    "select * from a right join (select x, max(y) as y from b group by x) as s on s.x = a.x and s.y > 1",
    "select * from a, lateral (select * from b where b.x = a.x limit 1) as l",
    "select * from a join b using (x) as ab",
    "select * from only a where a.x = 1",
    "select * from \"Mixed Case\" as \"é\" where \"é\".\"Größe\" = 'ü' and 名前 = '値'",
  ]

  static let expressions = [
    "select -5, +5, - - 5, -(5), 1.5e-3, .5, 10000000000, 99999999999999999999",
    "select 'it''s', E'tab\\tquote\\'', U&'\\0061\\+000061', B'101', X'1F', $$dollar$$, $q$a $$ b$q$, n'x'",
    "select true, false, null, not true and false or null",
    "select date '1995-01-01', interval '1 day', interval '90' day, interval(3) '1.2 s', timestamp with time zone 'now'",
    "select time(2) with time zone '10:00+1', bit varying(3) '101', numeric(8,2) '1.5', pg_catalog.int4 '5'",
    "select extract(year from d), extract('dow' from d), position('a' in b), substring(c from 2 for 3) from t",
    "select trim(both 'x' from a), overlay(a placing 'b' from 2 for 3), a at time zone 'UTC', a collate \"C\" from t",
    "select a::int, cast(b as numeric(10, 2)), '5'::int[], (c).d, (c).*, e[1], e[1:2], (array[1, 2])[1] from t",
    "select case a when 1 then 'x' when 2 then 'y' else 'z' end, case when a > 1 then 2 end from t",
    "select coalesce(a, 0), nullif(a, 0), greatest(a, 1), least(a, 2), current_date, current_timestamp(3) from t",
    "select * from t where a between 1 and 10 and b not between symmetric 5 and 3",
    "select * from t where a like 'x%' and b ilike '%y' escape '!' and c similar to 'z' and d ~ '^a' and e !~* 'b'",
    "select * from t where a is null and b is not null and c is distinct from d and e is true and f is not unknown",
    "select * from t where (a, b) = (1, 2) and (a, b) in ((1, 2), (3, 4)) and row(a) < row(2) and a in (1, 2, 3)",
    "select * from t where (a, b) overlaps (c, d)",
    "select f(), f(1, variadic array[2]), f(a => 1, b := 2), count(distinct a), array_agg(a order by b desc) from t",
    "select percentile_cont(0.5) within group (order by a) from t",
    "select a ->> 'b', a #> '{c,d}', a @> '{\"e\": 1}'::jsonb, a ? 'f', a operator(pg_catalog.+) 1 from t",
    "select xmlelement(name foo, xmlattributes(a as b), 'c'), xmlforest(d, e as f) from t",
    "select t is document, row(1, 2)::u, (t).a.b, array[[1, 2], [3, 4]], array[]::int[] from t",
    "select * from t where a = $1 and b = any($2::int[]) and c > $3 limit $4",
  ]

  static let changes = [
    "insert into t values (1, default, 'x')",
    "insert into s.t (a, b[1], c.d) select 1, 2, 3 returning a as x, *",
    "insert into t default values",
    "insert into t (a) values (1) on conflict (a) where b > 2 do update set c = excluded.c + 1 where t.d < 5",
    "insert into t (a) overriding system value values (1) on conflict on constraint k do nothing",
    "update t set a = 1, (b, c) = (2, 3), d = default where e = 4 returning f",
    "update only t as x set a = y.b from y join z using (w) where x.c = y.c",
    "update t set a = 1 where current of c",
    "delete from t using u where t.a = u.a and u.b < 10 returning t.*",
    "merge into t using s on t.a = s.a when matched and s.b > 5 then update set c = s.c + 1 "
      + "when matched then delete when not matched then insert (a, c) values (s.a, 1)",
  ]

  /// Everything else.
  static let utility = [
    "create table s.t (a int primary key default 5, b text not null check (b <> ''), c numeric(10, 2) references u (v) "
      + "on delete cascade, unique (a, b), exclude using gist (c with &&)) partition by range (a)",
    "create table p partition of t for values from (1, minvalue) to (10, maxvalue)",
    "create unlogged table if not exists t (like u including all) inherits (v) with (fillfactor = 70)",
    "create table t as select 1 as a with no data",
    "create unique index concurrently i on t using btree (lower(a) text_pattern_ops desc nulls last, b) include (c) "
      + "with (fillfactor = 90) where d > 5",
    "create view v (a) with (security_barrier) as select 1 with check option",
    "create materialized view m as select 1",
    "create function f(a int, out b text, variadic c int[]) returns setof record language sql as $$ select 1; $$",
    "create or replace procedure p() language plpgsql as $body$ begin perform 1; end; $body$",
    "create trigger tr after update of a on t for each row when (old.a <> new.a) execute function f('x')",
    "create role r login password 'secret' valid until '2030-01-01'",
    "create type e as enum ('a', 'b')",
    "create domain d as int check (value > 0)",
    "create policy p on t for select to public using (a = 1)",
    "create rule r as on insert to t do instead (insert into u values (new.a); select 1)",
    "create extension if not exists hypopg",
    "create tablespace ts location '/data'",
    "alter table t add column a int, drop column if exists b cascade, alter column c type text using c::text",
    "alter table only t add constraint k foreign key (a) references u not valid",
    "drop table if exists a, s.b cascade",
    "truncate a, b restart identity",
    "comment on column t.a is 'x'",
    "grant select (a), insert on t to r with grant option",
    "copy t (a, b) from stdin with (format csv, header)",
    "explain (analyze, buffers, format json) select 1",
    "prepare q (int) as select $1",
    "execute q (5)",
    "declare c cursor for select 1",
    "set local work_mem = '64MB'",
    "show all",
    "begin isolation level serializable read only",
    "vacuum (analyze, verbose) t (a)",
    "lock table t in access exclusive mode",
    "call p(1, 'x')",
    "do $$ begin null; end $$",
    "notify c, 'payload'",
    "refresh materialized view concurrently m",
    "create statistics st (dependencies) on a, b from t",
  ]

  static let all = plannable + utility
}
