-- As after an upgrade of the operating system: the order that the index was built in is no longer the order that holds.
-- expect: critical damaged-indexes/public.i
CREATE EXTENSION amcheck;
CREATE FUNCTION fickle(int, int) RETURNS int LANGUAGE sql IMMUTABLE
  AS 'SELECT CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 ELSE 0 END';
CREATE OPERATOR CLASS fickle_ops FOR TYPE int4 USING btree
  AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 fickle(int, int);
CREATE TABLE t (a int);
INSERT INTO t SELECT generate_series(1, 1000);
CREATE INDEX i ON t (a fickle_ops);
CREATE OR REPLACE FUNCTION fickle(int, int) RETURNS int LANGUAGE sql IMMUTABLE
  AS 'SELECT CASE WHEN $1 < $2 THEN 1 WHEN $1 > $2 THEN -1 ELSE 0 END';
