-- expect: info missing-foreign-keys/public.orders.customer_id
-- expect: info missing-foreign-keys/public.orders.city_id
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE cities (id int PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, city_id int);
