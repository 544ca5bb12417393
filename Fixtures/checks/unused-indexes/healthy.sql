-- limit: mature-days=0
-- limit: unused-index-bytes=1
-- Unique, a constraint's, for a foreign key, a replica identity, clustered, a partition's, and one that is used.
CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE, r int REFERENCES t, used int, i int NOT NULL, c int);
INSERT INTO t SELECT g, g, g, g, g, g FROM generate_series(1, 5000) g;
CREATE INDEX ON t (r);
CREATE INDEX ON t (used);
CREATE UNIQUE INDEX t_i ON t (i);
ALTER TABLE t REPLICA IDENTITY USING INDEX t_i;
CREATE INDEX t_c ON t (c);
ALTER TABLE t CLUSTER ON t_c;
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10000);
INSERT INTO p SELECT generate_series(1, 5000);
CREATE INDEX ON p (a);
ANALYZE;
SET enable_seqscan = off;
SELECT id FROM t WHERE used = 7;
