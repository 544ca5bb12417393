-- Twins, unique twins, a mirror image, a prefix, a prefix that INCLUDE covers, and a constraint's twin.
-- expect: warning duplicate-indexes/public.u2
-- expect: warning duplicate-indexes/public.twin2
-- expect: warning duplicate-indexes/public.mirrored
-- expect: notice duplicate-indexes/public.prefix
-- expect: notice duplicate-indexes/public.bare
-- expect: warning duplicate-indexes/public.k_id_again
CREATE TABLE t (a int, b int, c int, d int, e int);
CREATE UNIQUE INDEX u1 ON t (a);
CREATE UNIQUE INDEX u2 ON t (a);
CREATE INDEX twin1 ON t (b);
CREATE INDEX twin2 ON t (b);
CREATE INDEX straight ON t (c, d);
CREATE INDEX mirrored ON t (c DESC, d DESC);
CREATE INDEX prefix ON t (d);
CREATE INDEX longer ON t (d, e);
CREATE INDEX bare ON t (e);
CREATE INDEX including ON t (e) INCLUDE (a);
CREATE TABLE k (id int PRIMARY KEY);
CREATE INDEX k_id_again ON k (id);
