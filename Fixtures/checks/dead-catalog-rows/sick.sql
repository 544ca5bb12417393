-- limit: dead-rows=3000
-- expect: warning dead-catalog-rows/pg_catalog.pg_attribute
DO $$ BEGIN
  FOR k IN 1..500 LOOP
    CREATE TABLE churned (a int, b int, c int, d int, e int, f int, g int, h int);
    DROP TABLE churned;
    COMMIT;
  END LOOP;
END $$;
