-- limit: mature-days=0
-- limit: cold-index-bytes=1000000
-- limit: cold-index-blocks=10
-- Found in memory, too small, and never used.
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE u (id int PRIMARY KEY, a int);
CREATE TABLE v (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 100000);
INSERT INTO u SELECT g, g FROM generate_series(1, 100000) g;
INSERT INTO v VALUES (1);
CREATE INDEX u_a ON u (a);
ANALYZE;
\c
SELECT id FROM t WHERE id = 7;
SELECT id FROM v WHERE id = 1;
\c
SELECT pg_sleep(0.3);
