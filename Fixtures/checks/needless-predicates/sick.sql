-- expect: info needless-predicates/public.t_a
-- expect: info needless-predicates/public.t_u
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text NOT NULL);
CREATE INDEX t_a ON t (a, b) WHERE a IS NOT NULL;
CREATE UNIQUE INDEX t_u ON t (b DESC) WHERE b IS NOT NULL;
