-- expect: critical published-without-identity/public.t
CREATE TABLE t (a int);
CREATE PUBLICATION p FOR TABLE t;
