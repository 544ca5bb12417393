-- Values of every kind and spread, for the sizes of indexes on them.
CREATE EXTENSION hypopg;
SELECT setseed(0.17);
CREATE TABLE holes AS SELECT n AS id,
    CASE WHEN random() < 0.97 THEN NULL ELSE (random() * 100000)::int END AS rare,
    CASE WHEN random() < 0.5 THEN NULL ELSE (random() * 1000)::int END AS half,
    CASE WHEN random() < 0.9 THEN NULL ELSE md5(random()::text) END AS token,
    CASE WHEN n % 10 < 8 THEN NULL ELSE timestamptz '2024-01-01' + n * interval '1 second' END AS closed
  FROM generate_series(1, 1000000) AS n;
CREATE TABLE words AS SELECT n AS id, md5((random() * 20000)::int::text) AS hash,
    repeat('x', (random() * 30)::int) || (random() * 50000)::int AS varied,
    (ARRAY['new', 'open', 'waiting', 'closed'])[1 + floor(random() ^ 3 * 4)::int] AS state,
    'user' || (random() * 200000)::int || '@example.com' AS email, md5(n::text)::uuid AS key
  FROM generate_series(1, 1000000) AS n;
CREATE TABLE amounts AS SELECT n AS id, (random() * 10000)::numeric(12, 2) AS price, (random() ^ 6 * 1000)::int AS skewed,
    random() AS share, (random() * 5)::smallint AS grade, round((random() * 20)::numeric, 0) AS count
  FROM generate_series(1, 1000000) AS n;
CREATE TABLE dependent AS SELECT n AS id, city, city / 40 AS region, city / 40 / 10 AS country, n / 8 AS batch, day,
    day - (random() * 3)::int AS sent, customer, customer % 97 AS branch
  FROM (SELECT n, (random() * 4000)::int AS city, date '2020-01-01' + (random() * 1500)::int AS day,
      (random() * 60000)::int AS customer FROM generate_series(1, 1000000) AS n) AS rows;
VACUUM ANALYZE;
