-- What the measurements read: a small shop, and a login that may read it and what the server knows of itself.
CREATE EXTENSION IF NOT EXISTS hypopg;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE TABLE customers (
  id int PRIMARY KEY, name text NOT NULL, email text, city text, created timestamptz NOT NULL DEFAULT now());
INSERT INTO customers (id, name, email, city)
SELECT i, 'customer ' || i, 'c' || i || '@example.com', 'city ' || i % 100 FROM generate_series(1, 100000) AS i;
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, total numeric(10, 2) NOT NULL,
  placed date NOT NULL);
INSERT INTO orders
SELECT i, 1 + i % 100000, (i % 1000) / 10.0, date '2026-01-01' + i % 365 FROM generate_series(1, 300000) AS i;
CREATE INDEX ON orders (customer_id);
-- 100 MB as PostgreSQL sends it: 100,000 rows of a thousand bytes, none like the other.
CREATE TABLE documents (id int PRIMARY KEY, body text NOT NULL);
ALTER TABLE documents ALTER COLUMN body SET STORAGE EXTERNAL;
INSERT INTO documents
SELECT i, repeat(md5(i::text), 31) FROM generate_series(1, 100000) AS i;
CREATE ROLE reader LOGIN;
GRANT pg_monitor TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
-- A statement that takes its time and no processor. The gate lets nobody call pg_sleep; for this one the soak vouches.
CREATE FUNCTION pause(seconds double precision) RETURNS int LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_catalog.pg_sleep(seconds); RETURN 1; END';
