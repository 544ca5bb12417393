select a, b as c, t.d, s.t.e, t.* from s.t as t (a, b);
select distinct a from t
