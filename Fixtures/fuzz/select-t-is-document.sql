select t is document, row(1, 2)::u, (t).a.b, array[[1, 2], [3, 4]], array[]::int[] from t;
select * from t where a = $1 and b = any($2::int[]) and c > $3 limit $4
