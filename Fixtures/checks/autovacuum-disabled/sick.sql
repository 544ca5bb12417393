-- expect: warning autovacuum-disabled/public.t
-- expect: warning autovacuum-disabled/public.toasted
CREATE TABLE t (a int) WITH (autovacuum_enabled = off);
CREATE TABLE toasted (a text) WITH (toast.autovacuum_enabled = false);
