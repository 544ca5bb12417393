select (select max(b) from u where u.a = t.a), exists (select 1 from v), array(select 1) from t;
select * from t where a in (select b from u) and c > any (select d from v) and e <> all (array[1, 2])
