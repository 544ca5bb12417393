-- Rows in order, or the other way round, and ranges of another kind: what includes addresses, and from 14 several ranges.
CREATE TABLE t (a int, b int, c inet, d int);
INSERT INTO t SELECT g, -g, '10.0.0.0'::inet + (hashint4(g) & 65535), hashint4(g) FROM generate_series(1, 20000) g;
CREATE INDEX t_a ON t USING brin (a);
CREATE INDEX t_b ON t USING brin (b);
CREATE INDEX t_c ON t USING brin (c);
SELECT 'CREATE INDEX t_d ON t USING brin (d int4_minmax_multi_ops)' WHERE current_setting('server_version_num')::int >= 140000 \gexec
ANALYZE t;
