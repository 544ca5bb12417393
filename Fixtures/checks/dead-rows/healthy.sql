-- limit: dead-rows=100
-- Few, and many below the table's own trigger.
CREATE TABLE few (a int);
INSERT INTO few SELECT generate_series(1, 2000);
ANALYZE few;
DELETE FROM few WHERE a <= 50;
CREATE TABLE tolerant (a int) WITH (autovacuum_vacuum_threshold = 5000);
INSERT INTO tolerant SELECT generate_series(1, 2000);
ANALYZE tolerant;
DELETE FROM tolerant WHERE a % 2 = 0;
