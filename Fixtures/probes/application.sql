-- The tables of an application of the usual kind: tenants, members, tickets, invoices, a log; types and schemas of every sort.
SELECT 'CREATE EXTENSION pg_trgm' FROM pg_available_extensions WHERE name = 'pg_trgm' \gexec
SELECT CASE count(*) WHEN 0 THEN 'CREATE DOMAIN citext AS text' ELSE 'CREATE EXTENSION citext' END
  FROM pg_available_extensions WHERE name = 'citext' \gexec
SET jit = off;
CREATE SCHEMA crm;
CREATE SCHEMA "Billing";
CREATE TYPE crm.ticket_state AS ENUM ('open', 'waiting', 'solved', 'spam');
CREATE DOMAIN crm.short_code AS text CHECK (length(VALUE) <= 12);
CREATE DOMAIN crm.positive AS integer CHECK (VALUE > 0);

CREATE TABLE crm.accounts (id uuid PRIMARY KEY, name text NOT NULL, plan text NOT NULL, trial boolean NOT NULL DEFAULT false,
  country char(2) NOT NULL, created_at timestamptz NOT NULL, limits jsonb NOT NULL, code crm.short_code, slug citext NOT NULL);
INSERT INTO crm.accounts SELECT md5('a' || g)::uuid, 'Account ' || g, (ARRAY['free', 'team', 'firm'])[1 + g % 3], g % 100 = 0,
  (ARRAY['DE', 'FR', 'US', 'GB', 'PL'])[1 + g % 5], timestamptz '2023-01-01 00:00+00' + g * interval '3 hours',
  jsonb_build_object('seats', g % 500, 'flags', jsonb_build_array('f' || g % 200)), 'c' || g % 7000, 'Slug-' || g
  FROM generate_series(1, 20000) AS g;

CREATE TABLE crm.members (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id uuid NOT NULL REFERENCES crm.accounts,
  login varchar(80) NOT NULL, "displayName" text, last_ip inet, last_seen timestamp, is_admin boolean NOT NULL, born date,
  balance numeric(12, 2) NOT NULL, badge crm.positive NOT NULL, skills text[] NOT NULL DEFAULT '{}', bio text);
INSERT INTO crm.members (account_id, login, "displayName", last_ip, last_seen, is_admin, born, balance, badge, skills, bio)
  SELECT md5('a' || 1 + g % 20000)::uuid, 'Login' || g, CASE WHEN g % 3 <> 0 THEN 'Name ' || md5(g::text) END,
  ('172.16.' || g % 256 || '.' || g / 256 % 256)::inet, timestamp '2025-01-01' - g * interval '7 minutes', g % 40 = 0,
  date '1960-01-01' + g * 13 % 15000, (g * 7919 % 1000000) / 100.0, 1 + g * 31 % 80000, ARRAY['s' || g % 500, 'r' || g % 90],
  repeat('bio ', 10) || md5((g * 3)::text) FROM generate_series(1, 80000) AS g;

CREATE TABLE crm.tickets (id bigint PRIMARY KEY, account_id uuid NOT NULL, assignee_id bigint, requester_id bigint NOT NULL,
  state crm.ticket_state NOT NULL, priority smallint NOT NULL, subject text NOT NULL, body text NOT NULL, due_on date,
  created_at timestamptz NOT NULL, updated_at timestamptz, closed_at timestamptz, parent_id bigint, labels jsonb NOT NULL,
  search tsvector GENERATED ALWAYS AS (to_tsvector('simple', subject)) STORED,
  day date GENERATED ALWAYS AS ((created_at AT TIME ZONE 'UTC')::date) STORED);
INSERT INTO crm.tickets (id, account_id, assignee_id, requester_id, state, priority, subject, body, due_on, created_at, updated_at,
  closed_at, parent_id, labels)
  SELECT g, md5('a' || 1 + g * 37 % 20000)::uuid, CASE WHEN g % 5 <> 0 THEN 1 + g * 17 % 400 END, 1 + g * 7 % 80000,
  (CASE WHEN g % 250 = 0 THEN 'open' WHEN g % 900 = 1 THEN 'spam' WHEN g % 9 = 0 THEN 'waiting' ELSE 'solved' END)::crm.ticket_state,
  g % 5, 'Subject ' || md5(g::text) || ' about word' || g % 3000, repeat('text ', 30), date '2024-01-01' + g % 700,
  timestamptz '2024-01-01 00:00+00' + (g * 7907 % 150000) * interval '4 minutes',
  timestamptz '2024-02-01 00:00+00' + (g * 7907 % 150000) * interval '4 minutes',
  CASE WHEN g % 250 <> 0 THEN timestamptz '2024-03-01 00:00+00' + g * interval '1 minute' END,
  CASE WHEN g % 10 = 0 THEN g / 10 END, jsonb_build_object('team', 't' || g % 400, 'tags', jsonb_build_array('a' || g % 900))
  FROM generate_series(1, 150000) AS g;

CREATE TABLE crm.comments (id bigint PRIMARY KEY, ticket_id bigint NOT NULL, author_id bigint NOT NULL, written_at timestamptz NOT NULL,
  hidden boolean NOT NULL, text text NOT NULL);
INSERT INTO crm.comments SELECT g, 1 + g * 7919 % 150000, 1 + g * 13 % 80000, timestamptz '2024-01-01 00:00+00' + g * interval '2 minutes',
  g % 1000 = 0, repeat('c', 60) FROM generate_series(1, 250000) AS g;

CREATE TABLE "Billing"."Invoices" ("Id" integer PRIMARY KEY, "AccountId" uuid NOT NULL, "Number" text NOT NULL, "Net" numeric NOT NULL,
  "IssuedOn" date NOT NULL, "PaidOn" date, "Currency" char(3) NOT NULL);
INSERT INTO "Billing"."Invoices" SELECT g, md5('a' || 1 + g % 20000)::uuid, 'INV-' || lpad(g::text, 8, '0'), g % 9999 / 7.0,
  date '2022-01-01' + g % 1000, CASE WHEN g % 60 <> 0 THEN date '2022-02-01' + g % 1000 END, 'EUR' FROM generate_series(1, 90000) AS g;

CREATE TABLE crm.log (id bigint NOT NULL, account_id uuid NOT NULL, at timestamptz NOT NULL, action text NOT NULL, detail jsonb)
  PARTITION BY HASH (account_id);
CREATE TABLE crm.log_0 PARTITION OF crm.log FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE crm.log_1 PARTITION OF crm.log FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE crm.log_2 PARTITION OF crm.log FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO crm.log SELECT g, md5('a' || 1 + g * 11 % 20000)::uuid, timestamptz '2024-01-01 00:00+00' + g * interval '3 minutes',
  'action' || g % 60, jsonb_build_object('object', g % 30000) FROM generate_series(1, 150000) AS g;

CREATE TABLE crm.stock (id integer NOT NULL, depot text NOT NULL, item integer NOT NULL, amount integer NOT NULL, filler text)
  PARTITION BY LIST (depot);
CREATE TABLE crm.stock_north PARTITION OF crm.stock FOR VALUES IN ('north');
CREATE TABLE crm.stock_rest PARTITION OF crm.stock DEFAULT;
INSERT INTO crm.stock SELECT g, (ARRAY['north', 'south', 'east'])[1 + g % 3], g % 9000, g % 50, repeat('f', 40) FROM generate_series(1, 90000) AS g;

CREATE TABLE crm.files (id integer PRIMARY KEY, owner_id integer NOT NULL, path text NOT NULL, bytes bigint NOT NULL, sha bytea NOT NULL);
CREATE TABLE crm.pictures (width integer NOT NULL, height integer NOT NULL) INHERITS (crm.files);
INSERT INTO crm.files SELECT g, g % 9000, '/home/' || md5(g::text) || '/' || g, g * 31 % 1000000, decode(md5(g::text), 'hex') FROM generate_series(1, 50000) AS g;
INSERT INTO crm.pictures SELECT g, g % 9000, '/pics/' || md5(g::text), g, decode(md5(g::text), 'hex'), g % 4000, g % 3000 FROM generate_series(50001, 90000) AS g;

-- Nothing in the table that is named, and a table that inherits from one that inherits.
CREATE TABLE crm.meters (id bigint NOT NULL, meter integer NOT NULL, at timestamp NOT NULL, reading numeric NOT NULL, note text);
CREATE TABLE crm.meters_gas (flow integer) INHERITS (crm.meters);
CREATE TABLE crm.meters_water (pressure integer) INHERITS (crm.meters);
CREATE TABLE crm.meters_rain () INHERITS (crm.meters_water);
INSERT INTO crm.meters_gas SELECT g, g * 7 % 5000, timestamp '2024-01-01' + g * interval '1 minute', g % 100, repeat('n', 30) FROM generate_series(1, 40000) AS g;
INSERT INTO crm.meters_water SELECT g, g * 11 % 5000, timestamp '2024-01-01' + g * interval '1 minute', g % 100, repeat('n', 30) FROM generate_series(1, 30000) AS g;
INSERT INTO crm.meters_rain SELECT g, g * 13 % 5000, timestamp '2024-01-01' + g * interval '1 minute', g % 100, repeat('n', 30) FROM generate_series(1, 20000) AS g;

CREATE TABLE crm.folders (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE crm.sheets (id integer PRIMARY KEY, folder_id integer NOT NULL REFERENCES crm.folders, body text NOT NULL);
INSERT INTO crm.folders SELECT g, 'folder ' || g FROM generate_series(1, 5000) AS g;
INSERT INTO crm.sheets SELECT g, 1 + g % 5000, repeat('s', 50) FROM generate_series(1, 40000) AS g;

CREATE TABLE crm.settings (account_id uuid NOT NULL, key text NOT NULL, value text, PRIMARY KEY (account_id, key));
INSERT INTO crm.settings SELECT md5('a' || g)::uuid, k, md5(k || g) FROM generate_series(1, 20000) AS g, unnest(ARRAY['theme', 'lang', 'zone']) AS k;

CREATE FUNCTION crm.plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.replace(pg_catalog.lower($1), pg_catalog.chr(32), pg_catalog.chr(45))';
CREATE FUNCTION crm.tickets_of(bigint) RETURNS SETOF crm.tickets LANGUAGE sql STABLE AS 'SELECT * FROM crm.tickets WHERE assignee_id = $1';
CREATE VIEW crm.open_tickets AS SELECT t.id, t.account_id, t.subject, t.created_at, m.login, COALESCE(t.assignee_id, 0) AS assignee
  FROM crm.tickets AS t JOIN crm.members AS m ON m.id = t.requester_id WHERE t.state = 'open';
CREATE MATERIALIZED VIEW crm.monthly AS SELECT account_id, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month, count(*) AS tickets
  FROM crm.tickets GROUP BY 1, 2;
