-- where: SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'C.utf8')
-- Of today, and without a version.
CREATE COLLATION new (provider = icu, locale = 'de-DE');
CREATE TABLE t (a text COLLATE new, b text COLLATE "C", c text COLLATE "C.utf8");
CREATE INDEX ON t (a);
CREATE INDEX ON t (b);
CREATE INDEX ON t (c);
