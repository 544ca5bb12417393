select 1;
SELECT * FROM t
