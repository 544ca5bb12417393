-- Look alike and are not: expression, predicate, collation, operator class, order, GIN, a foreign key's target, partitions.
CREATE TABLE t (a text, b int, c int, d int[], e int4range, EXCLUDE USING gist (e WITH &&));
CREATE INDEX ON t (a);
CREATE INDEX ON t (lower(a));
CREATE INDEX ON t (a) WHERE b > 0;
CREATE INDEX ON t (a COLLATE "C");
CREATE INDEX ON t (a text_pattern_ops);
CREATE INDEX ON t (b, c);
CREATE INDEX ON t (c, b);
CREATE INDEX ON t (b DESC, c);
CREATE INDEX ON t USING gin (d);
CREATE INDEX ON t USING gin (d, d);
CREATE TABLE target (id int PRIMARY KEY, x int);
CREATE UNIQUE INDEX target_x ON target (x);
CREATE INDEX target_x_id ON target (x, id);
CREATE TABLE r (x int REFERENCES target (x));
CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE INDEX ON p (a, b);
