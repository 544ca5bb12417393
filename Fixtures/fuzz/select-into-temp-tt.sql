select * into temp tt from t;
select * from a, b where a.x = b.x
