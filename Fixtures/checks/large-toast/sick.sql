-- limit: toast-bytes=2000000
-- limit: toast-warning-bytes=20000000
-- expect: info large-toast/public.large
-- expect: warning large-toast/public.vast
CREATE TABLE large (a int, body text);
ALTER TABLE large ALTER body SET STORAGE EXTERNAL;
INSERT INTO large SELECT k, repeat('x', 8000) FROM generate_series(1, 500) AS k;
CREATE TABLE vast (a int, body text);
ALTER TABLE vast ALTER body SET STORAGE EXTERNAL;
INSERT INTO vast SELECT k, repeat('x', 8000) FROM generate_series(1, 4000) AS k;
VACUUM ANALYZE large, vast;
