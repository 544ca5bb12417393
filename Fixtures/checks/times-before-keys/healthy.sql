-- limit: mature-days=0
-- limit: unused-index-bytes=1
-- The time at the end, an order for pages (a key that identifies rows), two times, a unique one, a time alone, and one that nobody uses.
CREATE TABLE t (id int PRIMARY KEY, tenant int, at timestamptz, until timestamptz, state text);
CREATE INDEX ON t (state, at);
CREATE INDEX ON t (at, id);
CREATE INDEX ON t (at DESC, id DESC);
CREATE INDEX ON t (at, until);
CREATE UNIQUE INDEX ON t (at, tenant);
CREATE INDEX ON t (at);
CREATE INDEX ON t (tenant, at) INCLUDE (state);
CREATE INDEX t_unused ON t (until, state);
INSERT INTO t SELECT g, g, now() + g * interval '1 s', now(), 'new' FROM generate_series(1, 60000) g;
ANALYZE t;
\c
SET enable_seqscan = off;
SELECT id FROM t WHERE at < now() - interval '1 h';
SELECT id FROM t WHERE at < now() - interval '1 h' AND id = 7;
SELECT id FROM t WHERE at < now() - interval '1 h' AND tenant = 7;
SELECT id FROM t WHERE tenant = -1;
SELECT id FROM t WHERE state = 'old' ORDER BY at;
SELECT at FROM t ORDER BY at DESC, id DESC LIMIT 1;
SELECT at FROM t ORDER BY at, until LIMIT 1;
\c
SELECT pg_sleep(0.3);
