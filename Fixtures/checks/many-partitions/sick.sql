-- limit: partitions=4
-- Partitions of partitions count with their root.
-- expect: info many-partitions/public.deep
-- expect: notice many-partitions/public.flat
CREATE TABLE flat (a int) PARTITION BY RANGE (a);
SELECT format('CREATE TABLE flat_%s PARTITION OF flat FOR VALUES FROM (%s) TO (%s)', k, k, k + 1)
  FROM generate_series(1, 40) AS k \gexec
CREATE TABLE deep (a int) PARTITION BY RANGE (a);
CREATE TABLE deep_1 PARTITION OF deep FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (a);
CREATE TABLE deep_2 PARTITION OF deep FOR VALUES FROM (10) TO (20);
SELECT format('CREATE TABLE deep_1_%s PARTITION OF deep_1 FOR VALUES FROM (%s) TO (%s)', k, k, k + 1)
  FROM generate_series(0, 3) AS k \gexec
