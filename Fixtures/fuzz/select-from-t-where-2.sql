select * from t where (a, b) = (1, 2) and (a, b) in ((1, 2), (3, 4)) and row(a) < row(2) and a in (1, 2, 3);
select * from t where (a, b) overlaps (c, d)
