-- expect: info row-security-without-policy/public.t
CREATE TABLE t (a int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
