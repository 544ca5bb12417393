-- Analyzed as a whole; nearly empty; and a plain table, which is another check's affair.
-- where: SELECT current_setting('server_version_num')::int >= 140000
CREATE TABLE parts (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE first PARTITION OF parts FOR VALUES FROM (0) TO (3000);
INSERT INTO parts SELECT k, k % 7 FROM generate_series(0, 2999) AS k;
ANALYZE parts;
CREATE TABLE few (a int) PARTITION BY RANGE (a);
CREATE TABLE few_1 PARTITION OF few FOR VALUES FROM (0) TO (3000);
INSERT INTO few SELECT generate_series(0, 99);
ANALYZE few_1;
CREATE TABLE plain (a int);
INSERT INTO plain SELECT generate_series(0, 2999);
