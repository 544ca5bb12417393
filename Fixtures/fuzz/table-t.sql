table t;
select a from t union all select a from u union select a from v order by a
