-- expect: warning default-partition-rows/public.pd
CREATE TABLE p (a int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE pd PARTITION OF p DEFAULT;
INSERT INTO p SELECT generate_series(1, 100);
