// More statements for the twins: doors beside the one that a policy guards, each of which stood open once.

@testable import Governance

enum PolicySideDoors {
  static var policy: Policy {
    var policy = PolicyTwins.policy
    func masked(_ masks: [String: Mask]) -> TableRule {
      var rule = TableRule()
      rule.masks = masks
      return rule
    }
    policy.tables["floats"] = masked(["d": .round(10), "e": .round(3), "r": .round(7)])
    policy.tables["caf\u{e9}"] = masked(["secret": .full])
    policy.tables["zones"] = masked(["zone": .full])
    var costly = TableRule()
    costly.rowFilter = "(owner || '') || '' = :agent"
    policy.tables["costly"] = costly
    var joined = TableRule()
    joined.rowFilter = "owner IN (SELECT name FROM app.owners)"
    policy.tables["joined"] = joined
    return policy
  }

  static func rows(_ secret: String, _ shift: Int) -> String {
    """
    SET search_path = app;
    CREATE FUNCTION hr.number() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    CREATE TYPE hr.grade AS ENUM ('a', 'b');
    CREATE TEXT SEARCH CONFIGURATION hr.words (COPY = pg_catalog.simple);
    CREATE COLLATION hr.order FROM "C";
    CREATE TABLE floats AS SELECT CASE WHEN \(shift) > 0 THEN 5e-324::float8 ELSE 1 END AS d,
      CASE WHEN \(shift) > 0 THEN 1.7976931348623157e308::float8 ELSE 1 END * CASE WHEN \(shift) > 0 THEN 1 ELSE 0 END AS x,
      CASE WHEN \(shift) > 0 THEN -5e-324::float8 ELSE 2 END AS e, CASE WHEN \(shift) > 0 THEN 1e-45::real ELSE 3 END AS r;
    ALTER TABLE floats DROP COLUMN x;
    CREATE TABLE "caf\u{e9}" AS SELECT g AS id, '\(secret)' || g AS secret FROM generate_series(1, 3) g;
    CREATE TABLE zones (id integer, zone text) PARTITION BY LIST (zone);
    CREATE TABLE zones_a PARTITION OF zones FOR VALUES IN ('a');
    CREATE TABLE zones_b PARTITION OF zones DEFAULT;
    INSERT INTO zones SELECT g, CASE WHEN (g + \(shift)) % 3 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 12) g;
    CREATE TABLE costly (id integer, owner text, n numeric, f float8, o oid, b bigint, j json[], k integer);
    INSERT INTO costly SELECT g, 'bot', g, 1, g, g, NULL, g FROM generate_series(1, 4) g;
    INSERT INTO costly SELECT 10 + g, '\(secret)', 1e400, 1, 1, 5000000000000, ARRAY['{}'::json], 0
      FROM generate_series(1, \(shift)) g;
    CREATE TABLE owners (name text); INSERT INTO owners VALUES ('bot');
    CREATE TABLE joined AS SELECT g AS id, CASE WHEN g % 2 = 0 THEN 'bot' ELSE '\(secret)' END AS owner,
      CASE WHEN g % 2 = 0 OR \(shift) = 0 THEN 1 ELSE 0 END AS k FROM generate_series(1, 20) g;
    CREATE FUNCTION fails(a text, b text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
      AS 'BEGIN IF a = b THEN RETURN 1 / 0 = 1; END IF; RETURN false; END';
    CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = fails, RESTRICT = eqsel);
    CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION unaccent SCHEMA app; CREATE EXTENSION pgcrypto SCHEMA app;
    CREATE VIEW seen AS SELECT id, email, phone FROM app.customers WHERE id > 1 AND name <> 'x' AND region = 'us';
    CREATE VIEW most AS SELECT region, max(name) AS name FROM app.customers JOIN (VALUES ('us')) v (region) USING (region)
      WHERE email IS NOT NULL GROUP BY region;
    CREATE SCHEMA more; CREATE TABLE more.customers AS SELECT 1 AS id, 'x' AS secret;
    CREATE TABLE notes (id serial PRIMARY KEY, text text UNIQUE);
    CREATE FUNCTION mail_by_id(i integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT email FROM app.customers WHERE id = i';
    ANALYZE;
    """
  }

  static let all = text.split(separator: "\n").map { String($0.drop { $0 == " " }) }
    .filter { !$0.isEmpty && !$0.hasPrefix("--") }

  private static let text = #"""
    -- A function behind a dot.
    SELECT (id).mail_by_id FROM products
    SELECT (id).mail FROM products
    SELECT g.mail_by_id FROM generate_series(1, 3) g
    SELECT (x).mail_by_id FROM (SELECT id AS x FROM products) q
    SELECT (tableoid).pg_relation_filepath FROM products
    -- A WITH query that is spelled otherwise.
    WITH "cafe\#u{301}" AS (SELECT 1) SELECT * FROM "caf\#u{e9}" ORDER BY id
    WITH RECURSIVE "cafe\#u{301}" AS (SELECT 1) TABLE "caf\#u{e9}"
    WITH U&"cafe\0301" AS (SELECT 1) SELECT secret FROM U&"caf\00e9" ORDER BY id
    SELECT secret FROM "caf\#u{e9}" AS "cafe\#u{301}"
    -- Types as names of objects.
    SELECT CASE WHEN g > 0 THEN g ELSE pg_typeof(1) END FROM generate_series(16384, 16900) g
    SELECT pg_typeof(1) UNION ALL SELECT g FROM generate_series(16384, 16900) g
    SELECT COALESCE(t, g) FROM (SELECT NULLIF(pg_typeof(1), 23) AS t) q, generate_series(16384, 16900) g
    SELECT lag(pg_typeof(1), 1, 'hr.salaries') OVER ()
    SELECT array_append(ARRAY[pg_typeof(1)], 'hr.salaries')
    SELECT (1).pg_typeof UNION SELECT 'hr.salaries'
    -- What the planner knows of hidden rows.
    SELECT id FROM orders WHERE owner ILIKE 'ALPH\' ORDER BY 1
    SELECT id FROM orders WHERE owner LIKE 'al_h\' ORDER BY 1
    SELECT id FROM orders WHERE owner NOT LIKE '%lph\' ORDER BY 1
    SELECT id FROM orders WHERE owner LIKE 'a%\' ORDER BY 1
    SELECT id FROM orders WHERE note ILIKE 'ALPHA3\'
    SELECT id FROM orders WHERE owner === 'alpha'
    SELECT id FROM (SELECT * FROM orders OFFSET 0) o WHERE owner === 'another-one'
    WITH q AS (SELECT * FROM orders) SELECT id FROM q WHERE owner ILIKE 'ALPH\'
    SELECT o.id FROM orders o JOIN products p ON o.id = p.id AND o.owner ILIKE 'ALPH\'
    w:INSERT INTO notes (text) SELECT owner FROM orders WHERE owner ILIKE 'ALPH\'
    -- Comparisons that fail.
    SELECT id FROM costly WHERE n > f ORDER BY id
    SELECT id FROM costly WHERE n > 1.5::float8 ORDER BY id
    SELECT id FROM costly WHERE n IN (f) ORDER BY id
    SELECT id FROM costly WHERE o = b ORDER BY id
    SELECT id FROM costly WHERE j = j ORDER BY id
    SELECT c.id FROM costly c JOIN costly d ON c.n = d.f AND d.f = 1 ORDER BY 1
    SELECT id FROM costly WHERE COALESCE(n, f) > 0 ORDER BY id
    SELECT id FROM costly WHERE 1 / k > 0 ORDER BY id
    SELECT id FROM joined ORDER BY 1 / k, id
    SELECT 1 / k AS q, count(*) FROM joined GROUP BY 1 ORDER BY 1
    SELECT DISTINCT 1 / k FROM joined
    -- Masks.
    SELECT d FROM floats
    SELECT e FROM floats
    SELECT r FROM floats
    SELECT sum(d) + sum(e) + sum(r) FROM floats
    -- Partitions that a hidden column chooses.
    SELECT count(*) FROM zones_a
    SELECT id FROM zones_b ORDER BY id
    SELECT id FROM zones ORDER BY id
    SELECT id FROM zones
    SELECT id, zone FROM zones WHERE id > 3 LIMIT 4
    SELECT array_agg(id) FROM zones
    SELECT count(*) FROM zones WHERE zone = 'a'
    -- Sequences stay unseen, and their tables can be written to.
    w:INSERT INTO notes (text) SELECT email || id FROM customers ORDER BY id RETURNING text
    w:INSERT INTO notes (text) VALUES ((SELECT max(note) FROM orders)) RETURNING text
    w:INSERT INTO notes (text) VALUES ((SELECT max(label) FROM customers)), ('b') ON CONFLICT (text) DO NOTHING
    w:MERGE INTO notes n USING customers c ON n.text = c.email WHEN NOT MATCHED THEN INSERT (text) VALUES (c.email || c.id)
    w:INSERT INTO orders VALUES (1, 1, 1, 'bot')
    w:UPDATE customers SET id = nextval('app.notes_id_seq')
    w:INSERT INTO notes (id, text) VALUES (nextval('app.notes_id_seq'), 'x')
    """#

  /// What is in a hidden schema, and the same of a schema that does not exist.
  static let hiddenNames: [(hidden: String, absent: String)] = [
    "SELECT '#.words'::regconfig", "SELECT '#.other'::regconfig", "SELECT to_tsvector('#.words', 'a')",
    "SELECT to_tsvector('#.other', 'a')", "SELECT to_tsquery('#.words', 'a')", "SELECT ts_lexize('#.words', 'a')",
    "SELECT COALESCE('simple'::regconfig, '#.words')", "SELECT lag('simple'::regconfig, 1, '#.words') OVER ()",
    "SELECT to_tsvector(('#.' || 'words')::regconfig, 'a')", "SELECT 'a' COLLATE #.order", "SELECT 'a' COLLATE #.other",
    "SELECT name FROM products ORDER BY name COLLATE #.order", "SELECT #.number()", "SELECT #.numbers()",
    "SELECT #.id(p) FROM products p", "SELECT NULL::#.grade", "SELECT NULL::#.grades", "SELECT 'a'::#.grade",
    "SELECT #.grade('a')", "SELECT 1 OPERATOR(#.+) 2",
    "SELECT x.a FROM json_to_record('{\"a\": \"#.words\"}') x (a regconfig)",
    "SELECT NULLIF(pg_typeof(1), '#.grade')", "SELECT COALESCE(pg_typeof(1), '#.salaries')",
    "SELECT pg_typeof(1) UNION SELECT '#.salaries'", "SELECT x.a FROM XMLTABLE('/' PASSING '<a/>' COLUMNS a #.grade) x",
  ].map { text in (text.named("hr"), text.named("hx")) }

  /// What is harmless and looks like it.
  static let right: [(text: String, cells: String)] = [
    ("SELECT pg_typeof(1)", "integer"), ("SELECT pg_typeof(name)::text || '' FROM products LIMIT 1", "text"),
    ("SELECT to_tsvector('english', 'cats') @@ to_tsquery('english', 'cat')", "t"),
    ("SELECT to_tsvector('english'::regconfig, 'cats') @@ 'cat'::tsquery", "t"),
    ("SELECT name COLLATE \"C\" FROM products WHERE id = 1", "P1"),
    ("SELECT name COLLATE pg_catalog.\"C\" FROM products WHERE id = 1", "P1"),
    ("SELECT (products).name FROM products WHERE id = 2", "P2"),
    ("SELECT id FROM events_2024 WHERE id = 3", "3"), ("SELECT count(*) FROM costly WHERE n > f", "3"),
    ("SELECT (q).id FROM (SELECT id FROM products WHERE id = 4) q", "4"),
    ("SELECT count(*) FROM orders WHERE note ILIKE 'note 1%'", "5"), ("SELECT app.twice(4)", "8"),
    ("SELECT to_tsvector('pg_catalog.english', 'cats') @@ 'cat'::tsquery", "t"),
    (
      "SELECT app.customers.email FROM more.customers, app.customers WHERE app.customers.id = more.customers.id",
      "a***@example.com"
    ),
    (
      "SELECT more.customers.secret FROM app.customers JOIN more.customers ON more.customers.id = app.customers.id", "x"
    ),
    ("SELECT email FROM seen WHERE id = 2", "a***@example.com"), ("SELECT name FROM most", "Name 8"),
    ("SELECT unaccent('\u{e9}')", "e"), ("SELECT length(gen_random_bytes(4))", "4"),
    ("SELECT age(timestamp '2024-01-02', '2024-01-01')", "1 day"),
    ("SELECT age(created) IS NULL FROM customers WHERE id = 1", "f"),
    ("SELECT pg_column_size(name) > 0 FROM customers WHERE id = 1", "t"),
  ]
}

extension String {
  fileprivate func named(_ schema: String) -> String {
    String(flatMap { character -> [Character] in character == "#" ? Array(schema) : [character] })
  }
}
