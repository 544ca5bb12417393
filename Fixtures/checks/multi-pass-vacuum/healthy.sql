-- Fewer dead rows than a megabyte holds, and as many in a table that has no index to pass over.
-- where: SELECT current_setting('server_version_num')::int < 170000
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET maintenance_work_mem = ''1MB''', current_database()); END $$;
CREATE TABLE few (a int PRIMARY KEY) WITH (autovacuum_enabled = off);
INSERT INTO few SELECT generate_series(1, 100000);
DELETE FROM few;
CREATE TABLE bare (a int) WITH (autovacuum_enabled = off);
INSERT INTO bare SELECT generate_series(1, 200000);
DELETE FROM bare;
