-- On, said so, and another option whose name only begins alike.
CREATE TABLE t (a int) WITH (autovacuum_enabled = on);
CREATE TABLE u (a int) WITH (autovacuum_vacuum_threshold = 0);
