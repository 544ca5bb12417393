-- limit: large-bytes=1000000
CREATE TABLE t (a int);
INSERT INTO t VALUES (1);
VACUUM ANALYZE t;
