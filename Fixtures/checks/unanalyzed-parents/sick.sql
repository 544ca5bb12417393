-- where: SELECT current_setting('server_version_num')::int >= 140000
-- expect: notice unanalyzed-parents/public.parts
CREATE TABLE parts (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE first PARTITION OF parts FOR VALUES FROM (0) TO (1000);
CREATE TABLE second PARTITION OF parts FOR VALUES FROM (1000) TO (3000);
INSERT INTO parts SELECT k, k % 7 FROM generate_series(0, 2999) AS k;
ANALYZE first, second;
