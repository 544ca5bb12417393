-- limit: unused-index-bytes=1
-- Many values, unique, partial, of several columns, and one that is small.
CREATE TABLE t (id int PRIMARY KEY, many int, gone text UNIQUE, kind int);
INSERT INTO t SELECT g, g % 500, CASE WHEN g % 100 = 0 THEN 'x' || g END, CASE WHEN g % 20 = 0 THEN 2 ELSE 1 END
  FROM generate_series(1, 20000) g;
CREATE INDEX ON t (many);
CREATE INDEX ON t (kind) WHERE kind = 2;
CREATE INDEX ON t (kind, id);
CREATE TABLE s (kind int);
INSERT INTO s SELECT 1 FROM generate_series(1, 20);
CREATE INDEX ON s (kind);
ANALYZE;
