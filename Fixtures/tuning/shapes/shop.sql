-- The catalog that the cases beside this file are read against. COMMENT gives what CREATE cannot say:
-- kind, rows, bytes of a relation; distinct, width, bytewise (sorts by byte), unsortable, correlation, nulls of a column.

CREATE TABLE customers (
  id bigint PRIMARY KEY, email text COLLATE "C" NOT NULL, name varchar(80), city text, status text, active boolean,
  score integer, referrer_id bigint, tags text[], created_at timestamptz NOT NULL);
COMMENT ON TABLE customers IS 'rows=100000 bytes=20000000';
COMMENT ON COLUMN customers.email IS 'distinct=-1 width=24 bytewise=1';
COMMENT ON COLUMN customers.city IS 'distinct=500 width=10';
COMMENT ON COLUMN customers.status IS 'distinct=4 width=8';
COMMENT ON COLUMN customers.name IS 'distinct=-0.9 width=16';
COMMENT ON COLUMN customers.tags IS 'width=40';

CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL, status text, total numeric(12,2), placed_at timestamptz,
  shipped_on date, region char(2), note text, items jsonb, archived boolean);
COMMENT ON TABLE orders IS 'rows=1000000 bytes=200000000';
COMMENT ON COLUMN orders.customer_id IS 'distinct=90000 width=8';
COMMENT ON COLUMN orders.status IS 'distinct=5 width=8';
COMMENT ON COLUMN orders.region IS 'distinct=20 width=3';
COMMENT ON COLUMN orders.placed_at IS 'correlation=0.99';
COMMENT ON COLUMN orders.note IS 'distinct=-0.5 width=3000';
COMMENT ON COLUMN orders.items IS 'unsortable=1';

CREATE TABLE order_lines (
  order_id bigint, line_no integer, product_id bigint, quantity integer, price numeric(10,2),
  PRIMARY KEY (order_id, line_no));
COMMENT ON TABLE order_lines IS 'rows=3000000 bytes=300000000';

CREATE TABLE products (id bigint PRIMARY KEY, sku varchar(20), name text, category_id integer, price numeric(10,2));
CREATE UNIQUE INDEX products_sku ON products (sku);
CREATE INDEX products_category ON products (category_id);
CREATE INDEX products_price ON products (price DESC, name);
CREATE INDEX products_cheap ON products (name) WHERE price < 1;
COMMENT ON TABLE products IS 'rows=50000 bytes=8000000';

CREATE TABLE categories (id integer PRIMARY KEY, parent_id integer, name text);
COMMENT ON TABLE categories IS 'rows=20 bytes=8192';

CREATE TABLE "CustomerNotes" ("Id" bigint PRIMARY KEY, "CustomerId" bigint, "Body" text, "when" timestamptz);
COMMENT ON TABLE "CustomerNotes" IS 'rows=400000 bytes=90000000';

CREATE SCHEMA archive;
CREATE TABLE archive.orders (id bigint, customer_id bigint, status text, total numeric(12,2), placed_at timestamptz);
COMMENT ON TABLE archive.orders IS 'rows=5000000 bytes=800000000';

CREATE TABLE events (id bigint, happened_at timestamptz, kind text, customer_id bigint, payload jsonb)
  PARTITION BY RANGE (happened_at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
COMMENT ON TABLE events IS 'rows=2000000 bytes=500000000';
COMMENT ON TABLE events_2023 IS 'rows=1000000 bytes=250000000';
COMMENT ON TABLE events_2024 IS 'rows=1000000 bytes=250000000';
CREATE INDEX events_2023_kind ON events_2023 (kind);
CREATE INDEX events_2024_kind ON events_2024 (kind);

CREATE TABLE daily_sales (day date, region char(2), amount numeric);
COMMENT ON TABLE daily_sales IS 'kind=m rows=100000 bytes=9000000';
CREATE TABLE remote_stock (sku varchar(20), amount integer);
COMMENT ON TABLE remote_stock IS 'kind=f rows=1000 bytes=0';

CREATE VIEW open_orders AS SELECT id, customer_id, total, placed_at FROM orders WHERE status = 'open';
CREATE VIEW customer_totals (customer, amount) AS SELECT customer_id, sum(total) FROM orders GROUP BY customer_id;
CREATE VIEW open_by_city AS
  SELECT c.city, o.id AS order_id, o.placed_at FROM open_orders o JOIN customers c ON c.id = o.customer_id;
CREATE VIEW all_orders AS
  SELECT id, customer_id, placed_at FROM orders UNION ALL SELECT id, customer_id, placed_at FROM archive.orders;
CREATE VIEW endless AS SELECT 1 AS id;
CREATE OR REPLACE VIEW endless AS SELECT id FROM endless;
