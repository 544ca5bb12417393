-- limit: dead-rows=3000
-- Dead rows of a user's own table, and a little churn in the catalog.
CREATE TABLE t (a int) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT generate_series(1, 5000);
DELETE FROM t;
DO $$ BEGIN
  FOR k IN 1..20 LOOP
    CREATE TABLE churned (a int, b int, c int, d int, e int, f int, g int, h int);
    DROP TABLE churned;
    COMMIT;
  END LOOP;
END $$;
