-- A unique index over twins, which CONCURRENTLY leaves behind; and one of a table with a name that must be quoted.
-- expect: warning invalid-indexes/public.t_a
-- expect: warning invalid-indexes/public."Odd Name_x"
CREATE TABLE t (a int);
INSERT INTO t VALUES (1), (1);
CREATE TABLE "Odd Name" (x int);
INSERT INTO "Odd Name" VALUES (1), (1);
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);
CREATE UNIQUE INDEX CONCURRENTLY "Odd Name_x" ON "Odd Name" (x);
