-- expect: warning open-policies/public.t.all_of_it
CREATE TABLE t (a int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_of_it ON t USING (true);
