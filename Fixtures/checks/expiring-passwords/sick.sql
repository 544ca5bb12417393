-- expect: warning expiring-passwords/planted_expiring
DROP ROLE IF EXISTS planted_expiring;
CREATE ROLE planted_expiring LOGIN;
SELECT format('ALTER ROLE planted_expiring VALID UNTIL %L', now() + interval '5 days') \gexec
