-- limit: gin-pending-bytes=16384
-- expect: warning gin-pending-lists/public.d_words
CREATE EXTENSION pgstattuple;
CREATE TABLE d (words text[]) WITH (autovacuum_enabled = off);
CREATE INDEX d_words ON d USING gin (words);
INSERT INTO d SELECT ARRAY[md5(g::text), md5((-g)::text)] FROM generate_series(1, 2000) g;
