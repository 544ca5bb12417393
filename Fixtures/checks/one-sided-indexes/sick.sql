-- limit: unused-index-bytes=1
-- expect: info one-sided-indexes/public.t_gone
-- expect: info one-sided-indexes/public.t_kind
CREATE TABLE t (id int PRIMARY KEY, gone text, kind int);
INSERT INTO t SELECT g, CASE WHEN g % 100 = 0 THEN 'x' || g END, CASE WHEN g % 20 = 0 THEN 2 ELSE 1 END
  FROM generate_series(1, 20000) g;
CREATE INDEX t_gone ON t (gone);
CREATE INDEX t_kind ON t (kind);
ANALYZE t;
