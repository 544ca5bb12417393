-- expect: notice unpopulated-views/public.m
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a WITH NO DATA;
