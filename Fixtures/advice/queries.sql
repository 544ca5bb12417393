-- Every line here must get an answer or a reason.
SELECT * FROM customers WHERE email = 'user42@example.com';
SELECT o.id FROM orders AS o WHERE o.customer_id = 42 ORDER BY o.placed_at DESC LIMIT 3;
SELECT * FROM pending_orders;
WITH lines AS (SELECT * FROM "OrderLine" WHERE "OrderId" = 17) SELECT sum(quantity) FROM lines;
SELECT i.number FROM billing.invoices i WHERE EXISTS (SELECT FROM orders o WHERE o.id = i.order_id AND o.status = 'pending') AND i.number = 'INV-5000';
SELECT count(*) FROM events WHERE kind = 'kind7' AND at >= date '2024-03-01';
UPDATE orders SET note = 'seen' WHERE status = 'pending';
DELETE FROM "OrderLine" WHERE "OrderId" IN (3, 4);
INSERT INTO billing.invoices SELECT 30000 + o.id, o.id, 'X' FROM orders o WHERE o.customer_id = ANY ('{1,2}');
SELECT * FROM missing_table WHERE a = 1;
SELECT customers.nonsense FROM customers;
VACUUM customers;
SELEC 1;
SELECT relname FROM pg_class WHERE relname = 'x';
