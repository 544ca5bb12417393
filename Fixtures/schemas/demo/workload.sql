-- The demo shop's workload: every kind of statement an index advisor must have an answer or a reason for.
--
-- In pgbench's script language, cut into one script a statement by Scripts/demo-shop, which runs each as often
-- as it says with values that differ, so that pg_stat_statements sees them as an application would send them.
-- :scale is the scale the data was loaded with. The header of a statement:
--   name      also stands in the statement as a comment, so that it is recognized wherever its text turns up
--   calls     how often it runs
--   planted   a slow query: every sensible cure is an index that leads with one of these table (column) pairs
--   as        the role that runs it, when not the owner
--   protocol  pgbench's -M, when not simple

-- name: customer-by-email
-- calls: 160
-- planted: customers (email)
\set id 240 * random(1, int(416 * :scale))
SELECT /* customer-by-email */ id, full_name, region FROM customers WHERE email = 'ada.smith:id@example.com';

-- name: latest-orders-of-customer
-- calls: 60
-- planted: orders (customer_id)
\set id random(1, int(100000 * :scale))
\set n random(5, 20)
SELECT /* latest-orders-of-customer */ id, status, total, created_at
FROM orders WHERE customer_id = :id ORDER BY created_at DESC LIMIT :n;

-- name: lines-of-order
-- calls: 40
-- planted: order_lines (order_id)
\set id random(1, int(300000 * :scale))
SELECT /* lines-of-order */ l.id, l.quantity, l.unit_price, p.name
FROM order_lines l JOIN products p ON p.id = l.product_id WHERE l.order_id = :id ORDER BY l.id;

-- name: orders-of-region-in-week
-- calls: 40
-- planted: orders (created_at) | customers (region) | orders (customer_id)
\set m random(1, 6)
\set d random(10, 21)
SELECT /* orders-of-region-in-week */ o.id, o.total, c.full_name
FROM orders o JOIN customers c ON c.id = o.customer_id
WHERE c.region = 'overseas' AND o.created_at >= '2025-0:m-:d' AND o.created_at < '2025-0:m-:d'::date + interval '7 days';

-- name: pending-orders
-- calls: 50
-- planted: orders (status)
\set m random(1, 6)
SELECT /* pending-orders */ id, customer_id, created_at
FROM orders WHERE status = 'pending' AND created_at > '2025-0:m-01' ORDER BY created_at LIMIT 50;

-- name: returned-orders-of-customer
-- calls: 60
-- planted: returns (order_id) | orders (customer_id)
\set id random(1, int(100000 * :scale))
SELECT /* returned-orders-of-customer */ o.id, o.total
FROM orders o
WHERE o.customer_id = :id AND EXISTS (SELECT 1 FROM returns r WHERE r.order_id = o.id AND r.state <> 'refused');

-- name: orders-with-return
-- calls: 200
-- planted: returns (order_id)
\set a random(1, int(300000 * :scale))
\set b random(1, int(300000 * :scale))
\set c random(1, int(300000 * :scale))
SELECT /* orders-with-return */ o.id, o.total
FROM orders o
WHERE o.id IN (:a, :b, :c)
  AND EXISTS (SELECT 1 FROM returns r WHERE r.order_id = o.id);

-- name: customers-without-shipping-address
-- calls: 40
-- planted: addresses (customer_id) | customers (country)
\set d random(10, 28)
SELECT /* customers-without-shipping-address */ c.id, c.email
FROM customers c
WHERE c.country = 'IS' AND c.created_at > '2024-01-:d'
  AND NOT EXISTS (SELECT 1 FROM addresses a WHERE a.customer_id = c.id AND a.kind = 'shipping');

-- name: last-order-of-each
-- calls: 10
-- planted: orders (customer_id)
\set first random(1, int(99000 * :scale))
\set last :first + 4
SELECT /* last-order-of-each */ c.id, c.full_name, latest.created_at, latest.total
FROM customers c
CROSS JOIN LATERAL (
  SELECT o.created_at, o.total FROM orders o WHERE o.customer_id = c.id ORDER BY o.created_at DESC LIMIT 1
) AS latest
WHERE c.id BETWEEN :first AND :last;

-- name: best-customers-of-day
-- calls: 40
-- planted: orders (created_at)
\set m random(1, 6)
\set d random(10, 21)
WITH today AS (
  SELECT o.customer_id, sum(o.total) AS spent
  FROM orders o
  WHERE o.created_at >= '2025-0:m-:d' AND o.created_at < '2025-0:m-:d'::timestamptz + interval '1 day'
  GROUP BY o.customer_id
)
SELECT /* best-customers-of-day */ c.full_name, today.spent
FROM today JOIN customers c ON c.id = today.customer_id ORDER BY today.spent DESC LIMIT 10;

-- name: order-summaries-of-customer
-- calls: 15
-- planted: order_lines (order_id) | orders (customer_id)
\set id random(1, int(100000 * :scale))
SELECT /* order-summaries-of-customer */ id, status, lines, goods_total FROM order_summaries WHERE customer_id = :id;

-- name: shipments-by-tracking-number
-- calls: 60
-- planted: shipments (tracking_number)
\set a 10000000 + random(1, int(250000 * :scale))
\set b 10000000 + random(1, int(250000 * :scale))
\set c 10000000 + random(1, int(250000 * :scale))
SELECT /* shipments-by-tracking-number */ id, order_id, delivered_at
FROM shipments WHERE tracking_number IN ('TRK:a', 'TRK:b', 'TRK:c');

-- name: shipments-of-orders
-- calls: 60
-- protocol: prepared
-- planted: shipments (order_id)
\set a random(1, int(300000 * :scale))
\set b random(1, int(300000 * :scale))
SELECT '{' || :a::bigint || ',' || :b::bigint || ',17}' AS ids \gset
SELECT /* shipments-of-orders */ order_id, carrier, shipped_at FROM shipments WHERE order_id = ANY (:ids::bigint[]);

-- name: orders-of-some-customers
-- calls: 30
-- planted: orders (customer_id)
\set a random(1, int(100000 * :scale))
\set b random(1, int(100000 * :scale))
PREPARE some_orders (bigint[]) AS
SELECT /* orders-of-some-customers */ customer_id, count(*) FROM orders WHERE customer_id = ANY ($1) GROUP BY customer_id;
EXECUTE some_orders ('{:a,:b}');
DEALLOCATE some_orders;

-- name: revenue-of-week
-- calls: 40
-- planted: orders (created_at)
\set m random(1, 6)
\set d random(10, 28)
SELECT /* revenue-of-week */ count(*), sum(total)
FROM orders WHERE created_at >= date '2024-0:m-:d' AND created_at < date '2024-0:m-:d' + interval '7 days';

-- name: touch-cart
-- calls: 150
-- planted: carts (session_token)
\set n random(1, int(120000 * :scale)) * 48271 % 10000019
UPDATE /* touch-cart */ carts SET item_count = item_count + 1 WHERE session_token = 'session-:n';

-- name: forget-notifications
-- calls: 60
-- planted: notifications (recipient_id)
\set id random(1, int(100000 * :scale))
DELETE /* forget-notifications */ FROM notifications WHERE recipient_id = :id AND sent_at < timestamptz '2024-09-01';

-- name: remember-coupon-orders
-- calls: 50
-- planted: orders (coupon_code)
\set n random(0, 2999)
INSERT /* remember-coupon-orders */ INTO order_status_history (order_id, status, changed_at)
SELECT o.id, o.status, o.updated_at FROM orders o WHERE o.coupon_code = 'C:n';

-- name: checkout-errors-of-day
-- calls: 400
-- planted: events (event_type) | events (occurred_at)
\set m random(1, 6)
\set d random(10, 28)
SELECT /* checkout-errors-of-day */ id, occurred_at, payload ->> 'code' AS code
FROM events
WHERE event_type = 'checkout_error' AND occurred_at >= '2025-0:m-:d' AND occurred_at < '2025-0:m-:d'::timestamptz + '1 day'
ORDER BY occurred_at;

-- name: latest-events-of-customer
-- calls: 40
-- planted: events (customer_id)
\set id random(1, int(100000 * :scale))
SELECT /* latest-events-of-customer */ occurred_at, event_type
FROM events WHERE customer_id = :id ORDER BY occurred_at DESC LIMIT 20;

-- name: invoice-by-number
-- calls: 80
-- planted: billing.invoices (number)
\set n 1000000 + random(int(110000 * :scale), int(190000 * :scale))
SELECT /* invoice-by-number */ id, issued_on, due_on, total, is_paid FROM billing.invoices WHERE number = 'INV-2024-:n';

-- name: payments-of-order
-- calls: 60
-- planted: billing.invoices (order_id) | billing.payments (invoice_id)
\set id random(1, int(300000 * :scale))
SELECT /* payments-of-order */ i.number, p.method, p.amount
FROM billing.invoices i LEFT JOIN billing.payments p ON p.invoice_id = i.id WHERE i.order_id = :id;

-- name: payment-by-reference
-- calls: 80
-- as: shop_reporting
-- planted: billing.payments (reference)
\set n 100000001 + 2 * random(1, int(200000 * :scale))
SELECT /* payment-by-reference */ invoice_id, amount, received_at FROM payments WHERE reference = 'PAY:n';

-- name: overdue-invoices
-- calls: 60
-- as: shop_reporting
-- planted: billing.invoices (is_paid) | billing.invoices (due_on)
\set d random(10, 28)
SELECT /* overdue-invoices */ number, total, due_on
FROM invoices WHERE NOT is_paid AND due_on BETWEEN '2025-05-:d' AND '2025-06-:d' ORDER BY due_on;

-- name: loyalty-of-customer
-- calls: 250
-- planted: LoyaltyAccount (CustomerId)
\set id random(1, int(100000 * :scale))
SELECT /* loyalty-of-customer */ "Tier", "Points" FROM "LoyaltyAccount" WHERE "CustomerId" = :id;

-- name: cheapest-in-category
-- calls: 500
-- planted: products (category) | products (price)
\set n random(5, 20)
SELECT /* cheapest-in-category */ id, name, price FROM products WHERE category = 'kitchen' ORDER BY price LIMIT :n;

-- From here on: what needs no index, and what no B-tree on columns can help.

-- name: customer-by-id
-- calls: 1500
\set id random(1, int(100000 * :scale))
SELECT /* customer-by-id */ email, full_name FROM customers WHERE id = :id;

-- name: product-by-sku
-- calls: 1500
\set n 100000 + random(1, int(20000 * :scale))
SELECT /* product-by-sku */ id, name, price FROM products WHERE sku = 'SKU-:n';

-- name: sales-of-product
-- calls: 100
\set id random(1, int(20000 * :scale))
SELECT /* sales-of-product */ count(*), sum(quantity) FROM order_lines WHERE product_id = :id AND quantity > 4;

-- name: see-customer
-- calls: 800
\set id random(1, int(100000 * :scale))
UPDATE /* see-customer */ customers SET last_seen_at = timestamptz '2025-07-01' WHERE id = :id;

-- name: advance-order
-- calls: 800
\set id random(1, int(290000 * :scale))
UPDATE /* advance-order */ orders SET status = 'delivered', updated_at = timestamptz '2025-07-01' WHERE id = :id;

-- name: notify
-- calls: 800
\set id random(1, int(100000 * :scale))
INSERT /* notify */ INTO notifications (recipient_id, message, sent_at)
VALUES (:id, 'We have something new for you', timestamptz '2025-07-01');

-- name: fragile-products
-- calls: 10
SELECT /* fragile-products */ id, name FROM products WHERE attributes @> '{"tags": ["fragile"]}' AND price > 100;

-- name: open-returns
-- calls: 5
\set d random(10, 28)
SELECT /* open-returns */ r.id, r.reason, o.customer_id
FROM returns r JOIN orders o ON o.id = r.order_id WHERE r.state = 'open' AND r.requested_at > '2025-05-:d';

-- name: invoices-due-soon
-- calls: 5
\set d random(10, 28)
SELECT /* invoices-due-soon */ count(*) FROM billing.invoices WHERE NOT is_paid AND due_on < '2025-06-:d'::date + 14;

-- name: orders-by-channel
-- calls: 2
SELECT /* orders-by-channel */ channel, count(*), avg(total) FROM orders GROUP BY channel;
