-- A parent's index that waits for its partitions' is the business of partitions.
CREATE TABLE t (a int PRIMARY KEY);
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE INDEX p_a ON ONLY p (a);
