-- limit: bloat-bytes=1000000
-- Full; with a last piece that is always small; and emptied to its end, which VACUUM gives back.
CREATE TABLE full_of_it (a int, body text) WITH (autovacuum_enabled = off);
ALTER TABLE full_of_it ALTER body SET STORAGE EXTERNAL;
INSERT INTO full_of_it SELECT k, repeat('x', 8000) FROM generate_series(1, 1000) AS k;
CREATE TABLE crumbs (a int, body text) WITH (autovacuum_enabled = off);
ALTER TABLE crumbs ALTER body SET STORAGE EXTERNAL;
INSERT INTO crumbs SELECT k, repeat('x', 2100) FROM generate_series(1, 2000) AS k;
CREATE TABLE emptied (a int, body text) WITH (autovacuum_enabled = off);
ALTER TABLE emptied ALTER body SET STORAGE EXTERNAL;
INSERT INTO emptied SELECT k, repeat('x', 8000) FROM generate_series(1, 1000) AS k;
DELETE FROM emptied WHERE a > 10;
VACUUM full_of_it, crumbs, emptied;
