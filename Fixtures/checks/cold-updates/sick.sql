-- limit: cold-updates=1000
-- expect: info cold-updates/public.t
CREATE TABLE t (id int PRIMARY KEY, at int);
CREATE INDEX ON t (at);
INSERT INTO t SELECT g, g FROM generate_series(1, 2000) g;
\c
UPDATE t SET at = at + 1;
\c
SELECT pg_sleep(0.3);
