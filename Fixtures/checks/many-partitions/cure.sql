-- One range for all of them.
DROP TABLE flat, deep;
CREATE TABLE flat (a int) PARTITION BY RANGE (a);
CREATE TABLE flat_1 PARTITION OF flat FOR VALUES FROM (1) TO (41);
