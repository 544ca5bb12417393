-- expect: critical policy-without-row-security/public.t
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (a = 1);
