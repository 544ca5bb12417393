-- 1,000 tables and 10,000 statements that were really run, so that pg_stat_statements holds them; a few tables are large,
-- and a few statements are run often. Deterministic but for the times.
CREATE EXTENSION hypopg;
CREATE EXTENSION pg_stat_statements;
SET client_min_messages = warning;
DO $$
DECLARE
  n int;
  wanted int;
BEGIN
  FOR n IN 1..1000 LOOP
    wanted := CASE WHEN n % 50 = 0 THEN 30000 ELSE 1000 END;
    EXECUTE format('CREATE TABLE item_%s (id int PRIMARY KEY, owner_id int NOT NULL, kind int NOT NULL, status text NOT NULL,
      created timestamptz NOT NULL, parent_id int, note text)', n);
    EXECUTE format('INSERT INTO item_%s SELECT g, g * 7919 %% %s, g * 31 %% 40, (ARRAY[''new'',''open'',''closed'',''void''])[1 + g %% 4],
      timestamptz ''2026-01-01 00:00+00'' + g * interval ''7 minutes'', CASE WHEN g %% 3 = 0 THEN g / 3 END, repeat(''x'', 40)
      FROM generate_series(1, %s) AS g', n, wanted / 5, wanted);
    IF n % 100 = 0 THEN COMMIT; END IF;
  END LOOP;
END $$;
VACUUM ANALYZE;
SELECT pg_stat_statements_reset() \g /dev/null
\set QUIET on
\o /dev/null
SELECT format(t.text, 'item_' || n, 'item_' || 1 + n % 1000, n % 100)
FROM generate_series(1, 1000) AS n
CROSS JOIN (VALUES
  ('SELECT * FROM %1$s WHERE owner_id = %3$s'),
  ('SELECT id, note FROM %1$s WHERE kind = %3$s %% 40 AND status = ''void'''),
  ('SELECT count(*) FROM %1$s WHERE created >= ''2026-01-02'' AND created < ''2026-01-03'''),
  ('SELECT a.id, b.status FROM %1$s AS a JOIN %2$s AS b ON b.parent_id = a.id WHERE a.owner_id = %3$s'),
  ('SELECT * FROM %1$s WHERE status = ''open'' ORDER BY created DESC LIMIT 20'),
  ('UPDATE %1$s SET note = ''y'' WHERE owner_id = %3$s AND kind = 3'),
  ('SELECT parent_id, count(*), max(kind) FROM %1$s GROUP BY parent_id'),
  ('SELECT * FROM %1$s WHERE parent_id IN (%3$s, 5, 7)'),
  ('SELECT DISTINCT status FROM %1$s WHERE kind BETWEEN %3$s %% 40 AND 20'),
  ('SELECT b.note FROM %1$s AS a JOIN %2$s AS b USING (owner_id, kind) WHERE a.created > ''2026-01-05'' AND b.status = ''new''')
) AS t(text)
CROSS JOIN generate_series(1, CASE WHEN n % 50 = 0 THEN 3 ELSE 1 END)
\gexec
