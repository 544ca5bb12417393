-- The demo shop's rows: the same ones every time, drawn by a hash of the row's number instead of random().
--
-- At scale 1 (psql -v scale=…; default 1): 100,000 customers, 20,000 products, 300,000 orders, about
-- 1,050,000 order lines, 400,000 events. Skewed as shops are: few customers order most, few products sell
-- most, hardly any order is pending, and the events are nearly all page views.

\if :{?scale}
\else
\set scale 1
\endif
SELECT
  (100000 * :scale)::int AS customers,
  (20000 * :scale)::int AS products,
  (300000 * :scale)::int AS orders,
  (40000 * :scale)::int AS returns,
  (250000 * :scale)::int AS shipments,
  (120000 * :scale)::int AS carts,
  (200000 * :scale)::int AS notifications,
  (60000 * :scale)::int AS accounts,
  (400000 * :scale)::int AS events,
  (200000 * :scale)::int AS invoices \gset

BEGIN;

-- A number in [0, 1) that depends on the row and on what it is drawn for, and on nothing else.
CREATE FUNCTION pg_temp.draw(row_number bigint, purpose int) RETURNS double precision
  LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(row_number, purpose) & 4503599627370495) / 4503599627370496.0::double precision
  $$;

-- One of `population` rows, the low draws much more often; the multiplication spreads the favourites out.
CREATE FUNCTION pg_temp.favourite(row_number bigint, purpose int, population int, skew int) RETURNS bigint
  LANGUAGE sql IMMUTABLE AS $$
    SELECT 1 + (floor(population * power(pg_temp.draw(row_number, purpose), skew))::bigint * 48271) % population
  $$;

INSERT INTO customers
SELECT
  i,
  format('%s.%s%s@example.%s',
    (ARRAY['ada', 'ben', 'chloe', 'dan', 'eva', 'finn', 'grace', 'hugo', 'iris', 'jon'])[1 + i % 10],
    (ARRAY['smith', 'jones', 'novak', 'garcia', 'mueller', 'rossi', 'sato', 'silva'])[1 + i / 10 % 8],
    i,
    (ARRAY['com', 'org', 'net'])[1 + i % 3]),
  CASE WHEN i % 997 = 0 THEN 'Siobhán O''Brien ' || i ELSE 'Customer ' || i END,
  CASE WHEN d < 0.45 THEN 'north' WHEN d < 0.75 THEN 'south' WHEN d < 0.92 THEN 'east' WHEN d < 0.997 THEN 'west'
    ELSE 'overseas' END,
  CASE WHEN d < 0.60 THEN 'US' WHEN d < 0.80 THEN 'DE' WHEN d < 0.90 THEN 'FR' WHEN d < 0.96 THEN 'JP'
    WHEN d < 0.99 THEN 'BR' WHEN d < 0.998 THEN 'NZ' ELSE 'IS' END,
  pg_temp.draw(i, 2) < 0.08,
  timestamptz '2022-01-01 00:00+00' + interval '1 second' * floor(pg_temp.draw(i, 3) * 86400 * 1270),
  timestamptz '2025-06-30 00:00+00' - interval '1 second' * floor(power(pg_temp.draw(i, 4), 3) * 86400 * 400)
FROM generate_series(1, :customers) AS i, LATERAL (SELECT pg_temp.draw(i, 1) AS d) AS dice;

INSERT INTO addresses
SELECT
  row_number() OVER (),
  i,
  CASE n WHEN 1 THEN 'billing' WHEN 2 THEN 'shipping' ELSE 'gift' END,
  floor(pg_temp.draw(i * 4 + n, 5) * 200) || ' Market Street',
  'City ' || floor(power(pg_temp.draw(i, 6), 2) * 800),
  lpad(floor(pg_temp.draw(i, 7) * 99999)::text, 5, '0')
FROM generate_series(1, :customers) AS i,
  generate_series(1, 1 + (pg_temp.draw(i, 8) * 2.2)::int) AS n;

INSERT INTO products
SELECT
  i,
  'SKU-' || 100000 + i,
  format('%s %s no. %s',
    (ARRAY['Blue', 'Red', 'Green', 'Plain', 'Striped'])[1 + i % 5],
    (ARRAY['mug', 'shirt', 'lamp', 'chair', 'kettle', 'notebook', 'bag'])[1 + i % 7],
    i),
  (ARRAY['kitchen', 'clothes', 'lighting', 'furniture', 'office', 'garden', 'toys', 'sports'])
    [1 + floor(8 * power(pg_temp.draw(i, 10), 2))::int],
  round((1 + 400 * power(pg_temp.draw(i, 11), 3))::numeric, 2),
  jsonb_build_object(
    'color', (ARRAY['blue', 'red', 'green', 'white', 'black', 'teal'])[1 + floor(6 * power(pg_temp.draw(i, 12), 2))::int],
    'weight_g', 50 + floor(pg_temp.draw(i, 13) * 5000)::int,
    'tags', CASE WHEN pg_temp.draw(i, 14) < 0.02 THEN '["fragile", "insured"]'::jsonb ELSE '["standard"]'::jsonb END),
  pg_temp.draw(i, 15) < 0.05
FROM generate_series(1, :products) AS i;

-- Two years of orders in the order they came in; total is filled in below from the lines.
INSERT INTO orders
SELECT
  i,
  pg_temp.favourite(i, 20, :customers, 2),
  CASE WHEN i > :orders * 0.98 AND d < 0.12 THEN 'pending' WHEN d < 0.90 THEN 'delivered' WHEN d < 0.95 THEN 'shipped'
    WHEN d < 0.98 THEN 'cancelled' ELSE 'returned' END,
  CASE WHEN pg_temp.draw(i, 22) < 0.7 THEN 'web' WHEN pg_temp.draw(i, 22) < 0.95 THEN 'app' ELSE 'phone' END,
  CASE WHEN pg_temp.draw(i, 23) < 0.2 THEN 'C' || floor(pg_temp.draw(i, 24) * 3000) END,
  0,
  placed,
  placed + interval '1 hour' * floor(pg_temp.draw(i, 26) * 200)
FROM generate_series(1, :orders) AS i,
  LATERAL (
    SELECT
      pg_temp.draw(i, 21) AS d,
      timestamptz '2023-07-01 00:00+00' + interval '1 second' * floor(86400 * 730 * (i - pg_temp.draw(i, 25)) / :orders)
        AS placed
  ) AS dice;

INSERT INTO order_lines
SELECT
  row_number() OVER (),
  i,
  product_id,
  1 + floor(power(pg_temp.draw(i * 8 + n, 31), 4) * 9)::int,
  round((1 + 400 * power(pg_temp.draw(product_id, 11), 3))::numeric, 2)
FROM generate_series(1, :orders) AS i,
  generate_series(1, 1 + (pg_temp.draw(i, 32) * 5)::int) AS n,
  LATERAL (SELECT pg_temp.favourite(i * 8 + n, 30, :products, 2) AS product_id) AS choice;

INSERT INTO returns
SELECT
  i,
  1 + floor(pg_temp.draw(i, 40) * :orders)::bigint,
  CASE WHEN pg_temp.draw(i, 41) < 0.03 THEN 'open' WHEN pg_temp.draw(i, 41) < 0.9 THEN 'refunded' ELSE 'refused' END,
  (ARRAY['too small', 'too large', 'broken', 'changed my mind'])[1 + i % 4],
  timestamptz '2023-07-10 00:00+00' + interval '1 minute' * floor(pg_temp.draw(i, 42) * 1440 * 715)
FROM generate_series(1, :returns) AS i;

INSERT INTO shipments
SELECT
  i,
  1 + floor(pg_temp.draw(i, 50) * :orders)::bigint,
  (ARRAY['post', 'courier', 'pickup'])[1 + floor(3 * power(pg_temp.draw(i, 51), 2))::int],
  'TRK' || 10000000 + i,
  timestamptz '2023-07-02 00:00+00' + interval '1 second' * floor(86400 * 728.0 * i / :shipments),
  CASE WHEN pg_temp.draw(i, 52) < 0.97
    THEN timestamptz '2023-07-04 00:00+00' + interval '1 second' * floor(86400 * 728.0 * i / :shipments) END
FROM generate_series(1, :shipments) AS i;

INSERT INTO carts
SELECT
  i,
  'session-' || i::bigint * 48271 % 10000019,
  (pg_temp.draw(i, 60) * 8)::int,
  timestamptz '2025-06-30 00:00+00' - interval '1 minute' * floor(pg_temp.draw(i, 61) * 40000)
FROM generate_series(1, :carts) AS i;

INSERT INTO notifications (recipient_id, message, sent_at)
SELECT
  pg_temp.favourite(i, 70, :customers, 2),
  'Your order is on its way, thank you for shopping with us',
  timestamptz '2024-07-01 00:00+00' + interval '1 second' * floor(86400 * 364.0 * i / :notifications)
FROM generate_series(1, :notifications) AS i;

INSERT INTO "LoyaltyAccount"
SELECT
  i,
  1 + (i::bigint * 48271) % :customers,
  CASE WHEN pg_temp.draw(i, 80) < 0.85 THEN 'basic' WHEN pg_temp.draw(i, 80) < 0.98 THEN 'silver' ELSE 'gold' END,
  floor(power(pg_temp.draw(i, 81), 4) * 20000)::int,
  timestamptz '2025-01-01 00:00+00' + interval '1 minute' * floor(pg_temp.draw(i, 82) * 1440 * 180)
FROM generate_series(1, :accounts) AS i;

INSERT INTO events
SELECT
  i,
  timestamptz '2024-07-01 00:00+00' + interval '1 second' * floor(86400 * 365.0 * (i - 1) / :events),
  kind,
  CASE WHEN pg_temp.draw(i, 90) < 0.8 THEN pg_temp.favourite(i, 91, :customers, 2) END,
  jsonb_build_object('page', '/p/' || floor(pg_temp.draw(i, 92) * 5000), 'ms', floor(pg_temp.draw(i, 93) * 900)::int)
    || CASE WHEN kind = 'checkout_error' THEN jsonb_build_object('code', 'E' || i % 7) ELSE '{}' END
FROM generate_series(1, :events) AS i,
  LATERAL (
    SELECT CASE WHEN d < 0.80 THEN 'page_view' WHEN d < 0.95 THEN 'add_to_cart' WHEN d < 0.994 THEN 'checkout'
      ELSE 'checkout_error' END AS kind
    FROM (SELECT pg_temp.draw(i, 94) AS d) AS dice
  ) AS kinds;

INSERT INTO billing.invoices
SELECT
  i,
  format('INV-%s-%s', 2023 + i * 2 / (:invoices + 1), 1000000 + i),
  order_id,
  pg_temp.favourite(order_id, 20, :customers, 2),
  issued_on,
  issued_on + 30,
  pg_temp.draw(i, 101) < 0.985,
  round((10 + 900 * power(pg_temp.draw(i, 102), 2))::numeric, 2)
FROM generate_series(1, :invoices) AS i,
  LATERAL (
    SELECT
      1 + floor(pg_temp.draw(i, 100) * :orders)::bigint AS order_id,
      date '2023-07-01' + floor(730.0 * (i - 1) / :invoices)::int AS issued_on
  ) AS choice;

INSERT INTO billing.payments
SELECT
  row_number() OVER (),
  v.id,
  CASE WHEN pg_temp.draw(v.id * 2 + n, 110) < 0.8 THEN 'card' WHEN pg_temp.draw(v.id * 2 + n, 110) < 0.97 THEN 'transfer'
    ELSE 'voucher' END,
  'PAY' || 100000000 + v.id * 2 + n,
  round(v.total / 2, 2),
  v.issued_on + interval '1 hour' * floor(pg_temp.draw(v.id, 111) * 500)
FROM billing.invoices v, generate_series(1, 1 + (pg_temp.draw(v.id, 112) < 0.2)::int) AS n
WHERE v.is_paid;

UPDATE orders o
SET total = l.total
FROM (SELECT order_id, sum(quantity * unit_price) AS total FROM order_lines GROUP BY order_id) AS l
WHERE l.order_id = o.id;

ALTER TABLE addresses ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE order_lines ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE order_lines ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE returns ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE shipments ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE "LoyaltyAccount" ADD FOREIGN KEY ("CustomerId") REFERENCES customers;
ALTER TABLE billing.invoices ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE billing.payments ADD FOREIGN KEY (invoice_id) REFERENCES billing.invoices;

COMMIT;

-- A session hands in its counters when it ends. What loading wrote is no part of the workload, so they begin anew.
\connect -
VACUUM (FULL) orders;  -- the UPDATE above has doubled it
SELECT pg_stat_reset() \g /dev/null
VACUUM (ANALYZE);
