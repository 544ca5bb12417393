-- limit: bloat-bytes=200000
-- Fresh: plain, wide, deduplicated, not deduplicated, with a fill factor, on an expression.
CREATE TABLE t (id int PRIMARY KEY, tag int, u uuid, note text);
INSERT INTO t SELECT g, g % 10, md5(g::text)::uuid, md5(g::text) FROM generate_series(1, 100000) g;
CREATE INDEX ON t (tag);
CREATE INDEX ON t (tag) WITH (deduplicate_items = off);
CREATE INDEX ON t (u);
CREATE INDEX ON t (id, tag) WITH (fillfactor = 50);
CREATE INDEX ON t (lower(note));
VACUUM ANALYZE t;
