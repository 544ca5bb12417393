-- Ordinary tables for ordinary statements: big enough for an index to pay, small enough to be made in seconds.
SELECT 'CREATE EXTENSION pg_trgm' FROM pg_available_extensions WHERE name = 'pg_trgm' \gexec
SET jit = off;

CREATE TABLE tenants (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO tenants SELECT g, 'tenant ' || g FROM generate_series(1, 12) AS g;

CREATE TABLE users (
  id integer PRIMARY KEY, tenant_id integer NOT NULL, email character varying(120) NOT NULL, name text COLLATE "en-x-icu",
  created_at timestamptz NOT NULL, birthday date, active boolean NOT NULL, deleted_at timestamptz, referrer_id integer,
  settings jsonb NOT NULL, tags text[] NOT NULL, score double precision, code character(8), seen timestamp NOT NULL,
  full_name text GENERATED ALWAYS AS (name || ' of ' || tenant_id) STORED);
INSERT INTO users SELECT g, 1 + g % 500, 'User' || g || '@Example.com', 'name ' || md5(g::text),
  timestamptz '2024-01-01 00:00+00' + (g * 7919 % 60000) * interval '11 minutes', date '1950-01-01' + g % 20000,
  g % 50 <> 0, CASE WHEN g % 20 = 0 THEN timestamptz '2024-06-01' + g * interval '1 second' END,
  CASE WHEN g % 25 = 0 THEN g % 3000 END,
  jsonb_build_object('plan', 'p' || g % 300, 'level', g % 900, 'beta', g % 400 = 0) || CASE WHEN g % 700 = 0 THEN '{"legacy": 1}' ELSE '{}' END::jsonb,
  ARRAY['t' || g % 800, 'u' || g % 97], random(), lpad((g % 9000)::text, 8, 'x'),
  timestamp '2024-01-01' + (g * 7919 % 60000) * interval '11 minutes' FROM generate_series(1, 60000) AS g;

CREATE TABLE orders (
  id bigint PRIMARY KEY, user_id integer NOT NULL, tenant_id integer NOT NULL, status text NOT NULL, total numeric NOT NULL,
  placed_at timestamptz NOT NULL, shipped_at timestamptz, coupon text, priority integer, note text);
INSERT INTO orders SELECT g, 1 + g * 31 % 60000, 1 + g % 500,
  CASE WHEN g % 200 = 0 THEN 'pending' WHEN g % 11 = 0 THEN 'cancelled' ELSE 'done' END, (g * 37 % 100000) / 100.0,
  timestamptz '2024-01-01 00:00+00' + (g * 7907 % 120000) * interval '5 minutes',
  CASE WHEN g % 30 <> 0 THEN timestamptz '2024-02-01' + g * interval '1 minute' END,
  CASE WHEN g % 90 = 0 THEN 'C' || g % 1000 END, g % 4000, repeat('note ', 12) || g FROM generate_series(1, 120000) AS g;
CREATE INDEX orders_tenant_placed ON orders (tenant_id, placed_at);

CREATE TABLE order_lines (order_id bigint NOT NULL, line integer NOT NULL, product_id integer NOT NULL, quantity integer NOT NULL,
  price numeric NOT NULL, PRIMARY KEY (order_id, line));
INSERT INTO order_lines SELECT g / 2, g % 2, g * 17 % 5000, g % 9, g % 100 FROM generate_series(1, 200000) AS g;

CREATE SCHEMA "Sales";
CREATE TABLE "Sales"."OrderItems" ("OrderId" integer NOT NULL, "Product" text NOT NULL, "unit price" numeric NOT NULL, "from" date);
INSERT INTO "Sales"."OrderItems" SELECT g * 7 % 40000, 'p' || g % 3000, g % 77, date '2024-01-01' + g % 300
  FROM generate_series(1, 80000) AS g;

CREATE TABLE articles (id integer PRIMARY KEY, title text NOT NULL, body text NOT NULL, meta jsonb NOT NULL, slug text COLLATE "C" NOT NULL,
  words tsvector GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || body)) STORED);
INSERT INTO articles SELECT g, 'Title ' || md5(g::text), 'Some body text of ' || md5((g * 3)::text) || ' and word' || g % 2000 || repeat(' filler', 15),
  jsonb_build_object('tags', jsonb_build_array('x' || g % 600, 'y' || g % 70), 'year', 1990 + g % 40), 'slug-' || md5((g * 5)::text)
  FROM generate_series(1, 30000) AS g;
CREATE INDEX articles_meta_path ON articles USING gin (meta jsonb_path_ops);

CREATE TABLE bookings (id integer PRIMARY KEY, room_id integer NOT NULL, during tstzrange NOT NULL, days daterange, place point, address inet);
INSERT INTO bookings SELECT g, g % 900, tstzrange(timestamptz '2024-01-01 00:00+00' + g * interval '10 minutes', timestamptz '2024-01-01 00:00+00' + g * interval '10 minutes' + interval '2 hours'),
  daterange(date '2024-01-01' + g % 1000, date '2024-01-01' + g % 1000 + 3), point(g % 300, g / 300), ('10.' || g % 200 || '.' || g % 250 || '.7')::inet
  FROM generate_series(1, 50000) AS g;

CREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL, kind integer NOT NULL, actor integer NOT NULL, payload text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
INSERT INTO events SELECT g, timestamptz '2024-01-01 00:00+00' + (g * 7901 % 120000) * interval '1 minute', g % 30, g * 13 % 20000, repeat('p', 40)
  FROM generate_series(1, 120000) AS g;

CREATE TABLE measurements (id bigint NOT NULL, at timestamp NOT NULL, sensor integer NOT NULL, value double precision NOT NULL, extra text NOT NULL);
INSERT INTO measurements SELECT g, timestamp '2024-01-01' + g * interval '1 second', g * 7 % 1000, g % 997, repeat('x', 70) FROM generate_series(1, 330000) AS g;

CREATE TABLE staging (id integer, email text, delta numeric);
INSERT INTO staging SELECT g * 40, 'user' || g || '@example.com', g FROM generate_series(1, 1500) AS g;

CREATE VIEW active_users AS SELECT id, tenant_id, lower(email) AS email, name, created_at FROM users WHERE deleted_at IS NULL AND active;
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT upper($1)';
CREATE TYPE mood AS ENUM ('good', 'bad', 'odd');
CREATE TABLE notes (id integer PRIMARY KEY, owner integer, feeling mood NOT NULL, parent_id integer, text text);
INSERT INTO notes SELECT g, g % 7000, CASE WHEN g % 300 = 0 THEN 'odd' WHEN g % 2 = 0 THEN 'bad' ELSE 'good' END::mood, g / 10, repeat('n', 30) FROM generate_series(1, 50000) AS g;
