-- limit: key-rows=100
-- Small, keyed, partitions of a keyed root.
CREATE TABLE small AS SELECT 1 AS a;
CREATE TABLE t (a int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 500);
CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000);
INSERT INTO p SELECT generate_series(1, 500);
ANALYZE;
