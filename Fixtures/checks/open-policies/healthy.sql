-- Open for reading only, narrow, restrictive, and row level security off.
CREATE TABLE t (a int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON t FOR SELECT USING (true);
CREATE POLICY writers ON t FOR UPDATE USING (true) WITH CHECK (a > 0);
CREATE POLICY also ON t AS RESTRICTIVE USING (true);
CREATE TABLE off (a int);
CREATE POLICY all_of_it ON off USING (true);
