-- Keys as TPC-H has them, and by hand what policy.yaml says.
ALTER TABLE customer ADD PRIMARY KEY (c_custkey);
ALTER TABLE orders ADD PRIMARY KEY (o_orderkey);
ALTER TABLE supplier ADD PRIMARY KEY (s_suppkey);
ALTER TABLE part ADD PRIMARY KEY (p_partkey);
ALTER TABLE partsupp ADD PRIMARY KEY (ps_partkey, ps_suppkey);
CREATE INDEX ON lineitem (l_orderkey);
CREATE INDEX ON lineitem (l_partkey);
CREATE INDEX ON orders (o_custkey);
ANALYZE;
CREATE SCHEMA masked;
CREATE VIEW masked.customer AS SELECT c_custkey,
  CASE WHEN length(c_name) > 4 THEN '***' || right(c_name, 4) ELSE '***' END::varchar AS c_name, '***'::varchar AS c_address,
  c_nationkey, CASE WHEN length(c_phone) > 2 THEN left(c_phone, 2) || '***' ELSE '***' END::bpchar AS c_phone, c_acctbal,
  c_mktsegment, '***'::varchar AS c_comment FROM public.customer;
CREATE VIEW masked.supplier AS SELECT s_suppkey, s_name, '***'::varchar AS s_address, s_nationkey,
  CASE WHEN length(s_phone) > 2 THEN left(s_phone, 2) || '***' ELSE '***' END::bpchar AS s_phone, s_acctbal, s_comment
  FROM public.supplier;
CREATE VIEW masked.orders WITH (security_barrier) AS SELECT o_orderkey, o_custkey, o_orderstatus, o_totalprice, o_orderdate,
  o_orderpriority, CASE WHEN length(o_clerk) > 3 THEN '***' || right(o_clerk, 3) ELSE '***' END::bpchar AS o_clerk,
  o_shippriority, o_comment FROM public.orders WHERE o_orderdate >= date '1992-06-01';
