-- A shop's accounts and their bookings: narrow rows that are updated all day, room for HOT updates. :scale 1 is 1 million accounts.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS hypopg;
CREATE TABLE account (
  id int PRIMARY KEY, branch int NOT NULL, email text NOT NULL, state text NOT NULL, opened date NOT NULL, balance int NOT NULL,
  touched timestamptz NOT NULL, bookings int NOT NULL, filler text NOT NULL) WITH (fillfactor = 85, autovacuum_enabled = off);
INSERT INTO account
SELECT g, 1 + hashint4(g) & 1023, 'a' || g || '@example.org',
  CASE WHEN hashint4(g * 7) % 100 = 0 THEN 'locked' ELSE 'open' END, date '2015-01-01' + abs(hashint4(g * 3)) % 4000,
  hashint4(g * 5) % 100000, now(), 0, repeat('x', 60)
FROM generate_series(1, (1000000 * :scale)::int) AS g;
CREATE TABLE booking (
  id bigserial PRIMARY KEY, account int NOT NULL, at timestamptz NOT NULL, amount int NOT NULL, kind int NOT NULL
) WITH (autovacuum_enabled = off);
INSERT INTO booking (account, at, amount, kind)
SELECT 1 + abs(hashint4(g)) % (1000000 * :scale)::int, now() - g * interval '1 second', hashint4(g * 3) % 1000, g % 7
FROM generate_series(1, (1000000 * :scale)::int) AS g;
VACUUM (FREEZE, ANALYZE);
