-- An order of its own that holds, a unique one, one of an expression, and an index that is none of amcheck's.
CREATE EXTENSION amcheck;
CREATE FUNCTION fickle(int, int) RETURNS int LANGUAGE sql IMMUTABLE
  AS 'SELECT CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 ELSE 0 END';
CREATE OPERATOR CLASS fickle_ops FOR TYPE int4 USING btree
  AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 fickle(int, int);
CREATE TABLE t (a int);
INSERT INTO t SELECT generate_series(1, 1000);
CREATE INDEX i ON t (a fickle_ops);
CREATE UNIQUE INDEX ON t (a);
CREATE INDEX ON t ((a / 2)) WHERE a > 10;
CREATE INDEX ON t USING hash (a);
