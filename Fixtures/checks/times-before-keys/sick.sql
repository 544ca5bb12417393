-- limit: mature-days=0
-- limit: unused-index-bytes=1
-- expect: info times-before-keys/public.t_at_state
-- expect: info times-before-keys/public.t_middle
CREATE TABLE t (id int PRIMARY KEY, tenant int, at timestamptz, state text, day date);
CREATE INDEX t_at_state ON t (at, state);
CREATE INDEX t_middle ON t (tenant, day, state);
INSERT INTO t SELECT g, g, now() + g * interval '1 s', 'new' || g, 'today' FROM generate_series(1, 60000) g;
ANALYZE t;
\c
SET enable_seqscan = off;
SELECT id FROM t WHERE at < now() - interval '1 h' AND state = 'new';
SELECT id FROM t WHERE tenant = -1;
\c
SELECT pg_sleep(0.3);
