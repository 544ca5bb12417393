-- limit: gin-pending-bytes=16384
-- Sorted in at once, by VACUUM, and a few that wait.
CREATE EXTENSION pgstattuple;
CREATE TABLE d (words text[], more text[], few text[]) WITH (autovacuum_enabled = off);
CREATE INDEX d_words ON d USING gin (words) WITH (fastupdate = off);
CREATE INDEX d_more ON d USING gin (more);
INSERT INTO d SELECT ARRAY[md5(g::text), md5((-g)::text)], ARRAY[md5(g::text)] FROM generate_series(1, 2000) g;
VACUUM d;
CREATE INDEX d_few ON d USING gin (few);
INSERT INTO d (few) SELECT ARRAY[g::text] FROM generate_series(1, 20) g;
