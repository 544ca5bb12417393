-- where: SELECT current_setting('server_version_num')::int >= 150000
-- With its reader's rights, on a table that all may read, and a materialized view, which is another matter.
CREATE TABLE t (a int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (a > 0);
CREATE VIEW v WITH (security_invoker = on) AS SELECT * FROM t;
CREATE TABLE u (a int);
CREATE VIEW w AS SELECT * FROM u;
