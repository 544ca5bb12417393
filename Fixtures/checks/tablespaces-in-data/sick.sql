-- where: SELECT current_setting('server_version_num')::int >= 150000
-- expect: warning tablespaces-in-data/tablespace planted_inside
DROP TABLESPACE IF EXISTS planted_inside;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE planted_inside LOCATION '';
CREATE TABLE t (a int) TABLESPACE planted_inside;
CREATE TABLE u (a int);
CREATE INDEX ON u (a) TABLESPACE planted_inside;
