CREATE TYPE pair AS (number int, words text);
CREATE TABLE t (a regclass, b regtype, c regrole, d oid, e pair, f pair[], dropped regproc);
ALTER TABLE t DROP COLUMN dropped;
CREATE VIEW v AS SELECT oid::regprocedure AS f FROM pg_proc;
CREATE TEMPORARY TABLE passing (a regproc);
