-- limit: mature-days=0
-- limit: index-writes-per-hour=1000
-- Nine of them, ten on a table that nobody writes, and ten on a partition.
CREATE TABLE t (id int, a int, b int, c int);
CREATE TABLE u (id int, a int, b int, c int);
CREATE TABLE p (id int, a int, b int, c int) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000000);
SELECT format('CREATE INDEX ON t (%s, a, b, c)', CASE g % 2 WHEN 0 THEN 'id' ELSE 'b' END) FROM generate_series(1, 9) g \gexec
SELECT format('CREATE INDEX ON u (%s, a, b, c)', CASE g % 2 WHEN 0 THEN 'id' ELSE 'b' END) FROM generate_series(1, 10) g \gexec
SELECT format('CREATE INDEX ON p (%s, a, b, c)', CASE g % 2 WHEN 0 THEN 'id' ELSE 'b' END) FROM generate_series(1, 10) g \gexec
INSERT INTO t SELECT g, g, g, g FROM generate_series(1, 100000) g;
INSERT INTO p SELECT g, g, g, g FROM generate_series(1, 100000) g;
INSERT INTO u VALUES (1, 1, 1, 1);
ANALYZE;
\c
SELECT pg_sleep(0.3);
