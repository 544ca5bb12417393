-- where: SELECT current_setting('server_version_num')::int >= 150000
-- expect: notice definer-views/public.v
CREATE TABLE t (a int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (a > 0);
CREATE VIEW v AS SELECT * FROM t;
