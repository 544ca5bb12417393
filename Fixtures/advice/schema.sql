-- A small shop, small enough (30,000 rows at most) that ANALYZE reads every row and its statistics are the same each time.
CREATE SCHEMA billing;
CREATE TABLE customers (id int PRIMARY KEY, email text NOT NULL, name text NOT NULL, region text NOT NULL);
INSERT INTO customers SELECT g, 'user' || g || '@example.com',
  CASE g % 4 WHEN 0 THEN 'O''Brien' WHEN 1 THEN 'x''; DELETE FROM orders; --' WHEN 2 THEN 'Ælfgyfu' ELSE '\back' END,
  CASE WHEN g % 100 = 0 THEN 'island' ELSE 'mainland' END FROM generate_series(1, 10000) g;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, status text NOT NULL, placed_at timestamptz NOT NULL, note text);
INSERT INTO orders SELECT g, 1 + g * 7919 % 10000, CASE WHEN g % 500 = 0 THEN 'pending' ELSE 'shipped' END,
  timestamptz '2024-01-01 00:00+00' + g * interval '5 minutes', NULL FROM generate_series(1, 30000) g;
CREATE INDEX orders_customer_id_idx ON orders (customer_id);
CREATE TABLE "OrderLine" ("Id" int PRIMARY KEY, "OrderId" int NOT NULL, quantity int NOT NULL);
INSERT INTO "OrderLine" SELECT g, 1 + g * 7907 % 30000, g % 5 FROM generate_series(1, 30000) g;
CREATE TABLE billing.invoices (id int PRIMARY KEY, order_id int NOT NULL, number text NOT NULL);
INSERT INTO billing.invoices SELECT g, g, 'INV-' || g FROM generate_series(1, 20000) g;
CREATE TABLE events (id int, at date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO events SELECT g, date '2023-01-01' + g % 700, 'kind' || g % 300 FROM generate_series(1, 30000) g;
CREATE VIEW pending_orders AS SELECT o.id, o.customer_id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = 'pending';
-- Never vacuumed, so that no page is all-visible and every run sees the same.
DO $$ DECLARE t regclass; BEGIN
  FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'billing'::regnamespace) LOOP
    EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', t);
  END LOOP;
END $$;
ANALYZE;
