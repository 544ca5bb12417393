-- where: SELECT datcollate ~* '^(c|posix)([.].*)?$' AND EXISTS (SELECT FROM pg_collation WHERE collname = 'de-x-icu') FROM pg_database WHERE datname = current_database()
-- expect: info system-collations/ICU
CREATE TABLE t (a text COLLATE "de-x-icu", b text COLLATE "en-x-icu");
CREATE INDEX t_a ON t (a);
CREATE INDEX t_b ON t (b);
