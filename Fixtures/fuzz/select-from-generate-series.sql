select * from generate_series(1, 10) with ordinality as g(n, o), rows from (f(1), g('x')) as h;
select * from t tablesample bernoulli (1.5) repeatable (7)
