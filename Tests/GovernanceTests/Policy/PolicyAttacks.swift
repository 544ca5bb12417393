// Statements that try to learn what a policy hides: each has to be answered alike by both twin databases.

enum PolicyAttacks {
  /// One a line; what begins with `w:` is for write_data.
  static let all = text.split(separator: "\n").map { String($0).trimmed }.filter { !$0.isEmpty && !$0.hasPrefix("--") }

  private static let text = #"""
    -- Whole rows.
    SELECT to_jsonb(c) FROM customers c
    SELECT row_to_json(c)::text FROM customers AS c ORDER BY id
    SELECT c::text FROM customers c ORDER BY id
    SELECT customers::text FROM customers ORDER BY id
    SELECT (c).ssn FROM customers c
    SELECT (c).email FROM customers c ORDER BY 1
    SELECT c.* FROM customers c ORDER BY id
    SELECT (c.*)::text FROM customers c ORDER BY id
    SELECT ROW(c.*) FROM customers c ORDER BY id
    SELECT array_agg(c) FROM customers c
    SELECT json_agg(c ORDER BY c.id) FROM customers c
    SELECT jsonb_object_keys(to_jsonb(c)) FROM customers c LIMIT 20
    SELECT c FROM customers AS c(a, b, d, e, f, g, h, i, j, k, l, m, n) ORDER BY 1
    SELECT a, b, d, e, f FROM customers AS c(a, b, d, e, f) ORDER BY a
    SELECT NULL::customers
    SELECT (NULL::app.customers).ssn
    SELECT (NULL::app.customers).nothing
    SELECT jsonb_populate_record(NULL::app.customers, '{}')
    SELECT c::app.customers FROM customers c
    SELECT mail_of(c) FROM customers c
    SELECT c.mail_of FROM customers c
    SELECT jsonb_each_text(to_jsonb(c)) FROM customers c WHERE id = 1
    SELECT md5(c::text) FROM customers c ORDER BY id
    -- Predicates, orders, groups, joins.
    SELECT id FROM customers WHERE email = 'alpha1@example.com'
    SELECT id FROM customers WHERE email LIKE 'alpha%'
    SELECT id FROM customers WHERE email ~ '^alpha'
    SELECT id FROM customers WHERE lower(email) = 'alpha1@example.com'
    SELECT id FROM customers WHERE ssn LIKE 'a%'
    SELECT id FROM customers WHERE score > 50
    SELECT id FROM customers ORDER BY score, id LIMIT 5
    SELECT id FROM customers ORDER BY email, token, id LIMIT 5
    SELECT id FROM customers ORDER BY (SELECT email), id
    SELECT count(*), score FROM customers GROUP BY score
    SELECT email, count(*) FROM customers GROUP BY email HAVING count(*) > 1
    SELECT min(email), max(email), min(score), max(score), sum(balance) FROM customers
    SELECT string_agg(email, ',' ORDER BY id) FROM customers
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY score) FROM customers
    SELECT mode() WITHIN GROUP (ORDER BY token) FROM customers
    SELECT DISTINCT ON (score) id, score FROM customers ORDER BY score, id
    SELECT DISTINCT email FROM customers ORDER BY 1
    SELECT id, rank() OVER (ORDER BY score) FROM customers ORDER BY id
    SELECT lag(email) OVER (ORDER BY id), first_value(ip) OVER (PARTITION BY score ORDER BY id) FROM customers
    SELECT a.id FROM customers a JOIN customers b ON a.email = b.email AND a.id < b.id ORDER BY a.id, b.id LIMIT 5
    SELECT a.id, b.id FROM customers a JOIN customers b USING (token) ORDER BY 1, 2
    SELECT count(*) FROM customers a NATURAL JOIN customers b
    SELECT a.id FROM customers a JOIN customers b USING (ssn)
    SELECT c.id FROM customers c JOIN customer_copy k ON k.email = c.email
    SELECT c.id FROM customers c, LATERAL (SELECT c.email AS e) l WHERE l.e LIKE 'al%'
    SELECT c.id, l.x FROM customers c, LATERAL (SELECT max(note) AS x FROM orders WHERE customer_id = c.id) l ORDER BY 1
    SELECT * FROM (VALUES ('alpha1')) v(ssn) WHERE EXISTS (SELECT FROM customers c WHERE c.ssn = v.ssn)
    SELECT id FROM customers c WHERE EXISTS (SELECT 1 FROM customers WHERE ssn = 'alpha1')
    SELECT (SELECT ssn FROM customers WHERE id = 1)
    SELECT CASE WHEN score = 10 THEN 'yes' ELSE 'no' END FROM customers ORDER BY id
    SELECT NULLIF(email, 'alpha1@example.com') FROM customers ORDER BY id
    SELECT width_bucket(score, 0, 1000, 10) FROM customers ORDER BY id
    SELECT length(email), octet_length(phone), bit_length(token::text) FROM customers ORDER BY id
    SELECT pg_column_size(email) FROM customers
    SELECT c.id, c.name, c.email, count(*) FROM customers c GROUP BY c.id ORDER BY c.id
    SELECT customers.*, count(*) FROM customers JOIN orders ON customer_id = customers.id GROUP BY customers.id ORDER BY 1
    SELECT c.ssn FROM customers c GROUP BY c.id
    SELECT id, score FROM customers GROUP BY id HAVING score > 20
    SELECT hashtext(email), md5(phone) FROM customers ORDER BY id
    SELECT GREATEST(score, 50), LEAST(balance, 1005) FROM customers ORDER BY id
    SELECT id FROM customers WHERE (email, phone) > ('alpha2', '') ORDER BY id
    SELECT id FROM customers WHERE email IN (SELECT 'alpha' || g || '@example.com' FROM generate_series(1, 30) g)
    SELECT id FROM customers WHERE label LIKE '%alpha%'
    SELECT label FROM customers ORDER BY id
    SELECT max(id) FILTER (WHERE email LIKE 'alpha%') FROM customers
    SELECT count(*) FROM customers WHERE born = '1980-01-02'
    SELECT count(*) FROM customers WHERE ip = '10.0.1.1'
    SELECT id FROM customers WHERE balance BETWEEN 1001 AND 1005
    SELECT grouping(score), count(*) FROM customers GROUP BY GROUPING SETS ((score), ())
    -- Errors.
    SELECT email::integer FROM customers
    SELECT ssn::integer FROM customers
    SELECT 1 / (score - 10) FROM customers
    SELECT 1 / (balance - 1001) FROM customers
    SELECT CASE WHEN email LIKE 'alpha%' THEN 1 / 0 ELSE 1 END FROM customers
    SELECT CASE WHEN score = 10 THEN (1 / (id - 1)) END FROM customers
    SELECT token::text::integer FROM customers
    SELECT to_number(email, '999') FROM customers
    SELECT ('2024-01-01 ' || phone)::timestamptz FROM customers
    SELECT email::xml FROM customers
    SELECT json(email) FROM customers
    SELECT email::json FROM customers
    SELECT 'x' ~ email FROM customers ORDER BY id
    SELECT now() AT TIME ZONE email FROM customers
    SELECT xpath(email, '<a/>') FROM customers
    SELECT jsonb_path_query('{}', email::jsonpath) FROM customers
    SELECT repeat('x', score) FROM customers
    SELECT (SELECT id FROM customers WHERE score > 0)
    SELECT format(email) FROM customers ORDER BY 1
    SELECT to_char(now(), email) IS NULL FROM customers
    SELECT chr(score) FROM customers
    -- Rows behind a filter.
    SELECT count(*) FROM orders
    SELECT * FROM orders WHERE note::integer > 0
    SELECT id FROM orders WHERE 1 / (id - 1) > 0
    SELECT id FROM orders WHERE 1 / (customer_id - 2) > 0 ORDER BY id
    SELECT id FROM orders WHERE CASE WHEN owner <> 'bot' THEN 1 / (id - id) ELSE 1 END = 1 ORDER BY id
    SELECT s.id FROM (SELECT id, note::integer AS n FROM orders) s WHERE s.n > 0
    SELECT o.id FROM orders o JOIN products p ON p.id = 1 / (o.id - 1) ORDER BY o.id
    SELECT id FROM orders WHERE note LIKE id || '\'
    SELECT id FROM orders WHERE EXISTS (SELECT FROM products p WHERE p.id = 1 / (orders.id - 1))
    SELECT id FROM orders GROUP BY id HAVING 1 / (id - 1) > 0
    SELECT id FROM orders LIMIT (SELECT count(*) FROM orders o WHERE 1 / (o.id - 1) > 0)
    WITH q AS NOT MATERIALIZED (SELECT id, 1 / (id - 1) AS d FROM orders) SELECT id FROM q WHERE d >= 0 ORDER BY id
    SELECT owner, count(*) FROM orders GROUP BY owner
    SELECT id FROM orders WHERE owner <> 'bot'
    SELECT id FROM orders WHERE owner = 'alpha' OR true ORDER BY id
    SELECT id FROM orders WHERE true) OR (true
    SELECT id FROM orders WHERE note = 'alpha1'
    SELECT max(id), min(id) FROM orders WHERE id > 1000
    SELECT a.id FROM orders a FULL JOIN orders b ON a.id = b.id + 1 WHERE a.id IS NULL OR b.id IS NULL ORDER BY 1
    SELECT id FROM orders WHERE (owner = 'bot') IS NOT TRUE
    SELECT id FROM orders WHERE twice(id) / (id - 1) > 0 ORDER BY id
    SELECT id FROM orders TABLESAMPLE system (100)
    SELECT id FROM orders TABLESAMPLE bernoulli (100) REPEATABLE (1)
    SELECT id FROM orders WHERE $1 = 'a'
    SELECT sum(total) FROM orders
    SELECT o.* FROM customers c JOIN orders o ON o.customer_id = c.id AND c.id = 1 ORDER BY o.id
    -- System columns, samples, locks.
    SELECT ctid FROM customers
    SELECT xmin, cmin FROM customers
    SELECT tableoid FROM customers
    SELECT ctid, id FROM orders
    SELECT id FROM customers TABLESAMPLE bernoulli (100)
    SELECT id FROM customers FOR UPDATE
    SELECT id FROM customers FOR KEY SHARE SKIP LOCKED
    SELECT currtid2('app.customers', '(0,1)')
    -- Names.
    WITH customers AS (SELECT * FROM app.customers) SELECT * FROM customers ORDER BY id
    WITH customers AS (SELECT 1 AS ssn) SELECT ssn, (SELECT max(email) FROM app.customers) FROM customers
    WITH RECURSIVE customers AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM customers WHERE i < 3) TABLE customers
    WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a
    WITH x AS (SELECT email FROM customers) SELECT * FROM x ORDER BY 1
    WITH x AS MATERIALIZED (SELECT * FROM customers) SELECT x FROM x ORDER BY x.id
    (WITH customers AS (SELECT 1 AS id) SELECT id FROM customers) UNION ALL SELECT id FROM customers ORDER BY 1
    SELECT customers.email FROM products AS customers, customers AS products
    SELECT products.email FROM customers AS products ORDER BY 1
    SELECT "customers"."email" FROM "app"."customers" ORDER BY 1
    SELECT U&"em\0061il" FROM U&"customer\0073" ORDER BY 1
    SELECT app.customers.ssn FROM app.customers
    SELECT app.customers.email FROM app.customers ORDER BY 1
    SELECT customers.customers FROM customers ORDER BY 1
    SELECT * FROM "Customers"
    SELECT * FROM app . customers ORDER BY id
    SELECT * FROM ONLY app.customers ORDER BY id
    SELECT * FROM ONLY (app.customers) ORDER BY id
    SELECT * FROM app.customers * ORDER BY id
    TABLE customers ORDER BY id
    TABLE ONLY customers ORDER BY id
    TABLE customers UNION ALL TABLE customers ORDER BY 1
    SELECT * FROM customers /* no */ AS /* yes */ c -- x
    SELECT * FROM (customers c JOIN products p ON p.id = c.id) ORDER BY c.id
    SELECT j.ssn FROM (customers c JOIN products p ON p.id = c.id) AS j
    SELECT postgres.app.customers.email FROM postgres.app.customers
    SELECT * FROM public.customers
    SELECT * FROM pg_temp.customers
    SELECT id FROM customers WHERE id = ANY (SELECT id FROM app.customers WHERE ssn IS NOT NULL)
    SELECT * FROM events ORDER BY id
    SELECT * FROM events_2024 ORDER BY id
    SELECT secret FROM events_2025 ORDER BY id
    SELECT * FROM parent
    SELECT * FROM ONLY parent
    SELECT pin FROM child
    SELECT * FROM child ORDER BY id
    SELECT * FROM hr.salaries
    SELECT * FROM hr.nothing
    SELECT * FROM nothing.salaries
    SELECT max(amount) FROM hr.salaries
    -- What stands behind: views, copies, functions.
    SELECT * FROM customer_view
    SELECT * FROM view_view
    SELECT * FROM customer_copy
    SELECT mail(1)
    SELECT app.mail(id) FROM products
    SELECT id FROM products WHERE mail(id) LIKE 'a%'
    SELECT kind('hr.salaries')
    SELECT kind('hr.nothing')
    SELECT * FROM ROWS FROM (mail(1), mail(2)) AS r(a, b)
    SELECT query_to_xml('SELECT * FROM app.customers', true, true, '')
    SELECT table_to_xml('app.customers', true, true, '')
    SELECT database_to_xml(true, true, '')
    SELECT ts_stat('SELECT to_tsvector(email) FROM app.customers')
    SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t(a integer)
    -- The catalog.
    SELECT attname FROM pg_attribute WHERE attrelid = 'app.customers'::regclass
    SELECT column_name FROM information_schema.columns WHERE table_name = 'customers'
    SELECT table_name FROM information_schema.tables
    SELECT most_common_vals FROM pg_stats WHERE tablename = 'customers'
    SELECT * FROM pg_statistic
    SELECT query FROM pg_stat_activity
    SELECT query FROM pg_stat_statements
    SELECT * FROM pg_stat_user_tables
    SELECT reltuples, relpages FROM pg_class WHERE relname = 'customers'
    SELECT * FROM pg_toast.pg_toast_1
    SELECT nspname FROM pg_namespace
    SELECT pg_get_viewdef('app.customer_view'::regclass)
    SELECT pg_get_viewdef('app.customer_view')
    SELECT pg_relation_size('app.customers')
    SELECT pg_total_relation_size('app.customers')
    SELECT pg_database_size(current_database())
    SELECT pg_stat_get_live_tuples(16384)
    SELECT has_table_privilege('hr.salaries', 'SELECT')
    SELECT has_table_privilege('hr.nothing', 'SELECT')
    SELECT has_column_privilege('app.customers', 'ssn', 'SELECT')
    SELECT has_schema_privilege('hr', 'USAGE')
    SELECT to_regclass('hr.salaries')
    SELECT ('hr.salaries'::text).to_regclass
    SELECT 'hr.salaries'::regclass
    SELECT CAST('hr.salaries' AS pg_catalog.regclass)
    SELECT regclass('hr.salaries')
    SELECT x.a FROM json_to_record('{"a": "hr.salaries"}') AS x(a regclass)
    SELECT 'hr'::regnamespace
    SELECT col_description(16384, 1)
    SELECT obj_description('app.customers'::regclass)
    SELECT format_type(16384, NULL)
    SELECT row_security_active('hr.salaries')
    SELECT currval('app.nothing')
    SELECT lastval()
    SELECT current_setting('search_path')
    SELECT set_config('search_path', 'hr', false)
    SELECT current_query()
    SELECT lo_get(1)
    SELECT pg_read_file('/etc/passwd')
    SELECT pg_export_snapshot()
    SELECT pg_partition_tree('app.events')
    SELECT enum_range(NULL::app.nothing)
    SELECT version() IS NOT NULL, current_user IS NOT NULL
    -- Other statements.
    EXPLAIN SELECT * FROM customers
    EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM orders
    EXPLAIN SELECT * FROM products WHERE id IN (SELECT id FROM customers WHERE email = 'x')
    COPY customers TO STDOUT
    COPY (SELECT * FROM customers) TO STDOUT
    COPY app.customers (ssn) TO '/tmp/x'
    SHOW ALL
    SET search_path = hr
    PREPARE p AS SELECT * FROM customers
    DECLARE c CURSOR FOR SELECT * FROM customers
    DO $$ BEGIN PERFORM 1; END $$
    SELECT * INTO copy FROM customers
    CREATE TABLE copy AS SELECT * FROM customers
    CREATE TEMP TABLE copy AS SELECT * FROM customers
    CREATE VIEW v AS SELECT ssn FROM customers
    ALTER TABLE customers RENAME TO other
    LOCK TABLE customers
    ANALYZE customers
    SELECT 1; SELECT * FROM customers
    w:INSERT INTO customers (id, name, region, email) VALUES (1, 'x', 'y', 'z') ON CONFLICT (id) DO NOTHING RETURNING *
    w:INSERT INTO customers (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = customers.email RETURNING name
    w:UPDATE customers SET name = ssn WHERE id = 1
    w:UPDATE customers SET name = name WHERE email LIKE 'alpha%'
    w:UPDATE products SET name = c.ssn FROM customers c WHERE c.id = products.id
    w:DELETE FROM customers WHERE ssn = 'alpha1'
    w:DELETE FROM orders RETURNING *
    w:DELETE FROM customers c USING customers d WHERE c.email = d.email RETURNING d.ssn
    w:MERGE INTO products p USING customers c ON p.id = c.id WHEN MATCHED THEN UPDATE SET name = c.ssn
    w:MERGE INTO customers c USING products p ON p.id = c.id WHEN MATCHED THEN DELETE
    w:INSERT INTO events VALUES (1, '2024-05-05', 'x') RETURNING secret
    w:INSERT INTO customer_view VALUES (99, 'a', 'b')
    w:WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d
    w:WITH d AS (UPDATE customers SET name = 'x' RETURNING ssn) SELECT * FROM d
    w:INSERT INTO hr.salaries VALUES (1, 1)
    w:TRUNCATE customers
    """#
}

extension String {
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
