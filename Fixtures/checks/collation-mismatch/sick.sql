-- expect: critical collation-mismatch/public.old
-- expect: notice collation-mismatch/public.idle
CREATE COLLATION old (provider = icu, locale = 'de-DE', version = '57.1');
CREATE COLLATION idle (provider = icu, locale = 'en-US', version = '57.1');
CREATE TABLE t (a text COLLATE old);
INSERT INTO t VALUES ('a'), ('b');
CREATE INDEX t_a ON t (a);
