-- expect: warning unportable-columns/public.plain.a
-- expect: warning unportable-columns/public.plain.many
-- expect: warning unportable-columns/public.plain.within
-- expect: warning unportable-columns/public.parts.f
-- expect: warning unportable-columns/public.expressed
-- expect: warning unportable-columns/public.rowed.r
CREATE DOMAIN search AS regconfig;
CREATE TYPE pair AS (number int, how search);
CREATE TABLE plain (id int PRIMARY KEY, a regproc, many regnamespace[], within pair, fine regclass);
INSERT INTO plain VALUES (1, 'pg_catalog.now', '{pg_catalog}', (1, 'english'), 'plain');
CREATE TABLE parts (at date, f regprocedure) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE texts (t text);
CREATE FUNCTION as_configuration(t text) RETURNS regconfig IMMUTABLE LANGUAGE sql AS $$ SELECT 'pg_catalog.simple'::regconfig $$;
CREATE INDEX expressed ON texts (as_configuration(t));
CREATE TABLE rowed (r pg_namespace);
