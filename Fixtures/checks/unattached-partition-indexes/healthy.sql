-- Attached, made with the parent's, and a table that inherits without being a partition.
CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE INDEX ON p (a);
CREATE INDEX p_b ON ONLY p (b);
CREATE INDEX p1_b ON p1 (b);
ALTER INDEX p_b ATTACH PARTITION p1_b;
CREATE TABLE old (a int);
CREATE TABLE child () INHERITS (old);
CREATE INDEX ON child (a);
