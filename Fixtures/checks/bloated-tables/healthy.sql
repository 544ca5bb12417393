-- limit: bloat-bytes=200000
-- Fresh: narrow, wide and nullable, with a fill factor, with a dropped column that was rewritten, TOASTed.
CREATE TABLE narrow AS SELECT g AS a FROM generate_series(1, 100000) g;
CREATE TABLE wide AS SELECT g AS a, md5(g::text) AS b, CASE WHEN g % 2 = 0 THEN g END AS c, now() AS d, g::numeric AS e
  FROM generate_series(1, 50000) g;
CREATE TABLE filled (a int, b text) WITH (fillfactor = 50);
INSERT INTO filled SELECT g, md5(g::text) FROM generate_series(1, 50000) g;
CREATE TABLE toasted (a int, b text);
INSERT INTO toasted SELECT g, (SELECT string_agg(md5((g * 1000 + h)::text), '') FROM generate_series(1, 200) h)
  FROM generate_series(1, 500) g;
VACUUM ANALYZE;
