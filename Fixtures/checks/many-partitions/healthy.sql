-- limit: partitions=4
-- Few; and old inheritance, which is not planned by keys.
CREATE TABLE flat (a int) PARTITION BY RANGE (a);
SELECT format('CREATE TABLE flat_%s PARTITION OF flat FOR VALUES FROM (%s) TO (%s)', k, k, k + 1)
  FROM generate_series(1, 3) AS k \gexec
CREATE TABLE parent (a int);
SELECT format('CREATE TABLE child_%s () INHERITS (parent)', k) FROM generate_series(1, 5) AS k \gexec
