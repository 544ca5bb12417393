-- limit: toast-bytes=2000000
-- Small; and large beside rows that are larger still.
CREATE TABLE small (a int, body text);
ALTER TABLE small ALTER body SET STORAGE EXTERNAL;
INSERT INTO small SELECT k, repeat('x', 8000) FROM generate_series(1, 150) AS k;
CREATE TABLE wide (a int, body text, filler text);
ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
INSERT INTO wide SELECT k, CASE WHEN k % 10 = 0 THEN repeat('x', 8000) END, repeat('y', 1900)
  FROM generate_series(1, 4000) AS k;
VACUUM ANALYZE small, wide;
