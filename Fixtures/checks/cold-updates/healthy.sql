-- limit: cold-updates=1000
-- Room on each page and no index on what changes; without any index; and few updates.
CREATE TABLE t (id int PRIMARY KEY, at int) WITH (fillfactor = 40);
INSERT INTO t SELECT g, g FROM generate_series(1, 2000) g;
CREATE TABLE bare (at int);
INSERT INTO bare SELECT g FROM generate_series(1, 2000) g;
CREATE TABLE few (id int PRIMARY KEY, at int);
CREATE INDEX ON few (at);
INSERT INTO few SELECT g, g FROM generate_series(1, 10) g;
\c
UPDATE t SET at = at + 1;
UPDATE bare SET at = at + 1;
UPDATE few SET at = at + 1;
\c
SELECT pg_sleep(0.3);
