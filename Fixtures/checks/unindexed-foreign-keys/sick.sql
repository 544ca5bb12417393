-- limit: foreign-key-rows=100
-- expect: warning unindexed-foreign-keys/public.child.child_parent_fkey
-- expect: notice unindexed-foreign-keys/public.partly.partly_parent_fkey
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE quiet (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 500);
INSERT INTO quiet SELECT generate_series(1, 500);
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
INSERT INTO child SELECT g, 1 FROM generate_series(1, 500) g;
CREATE TABLE partly (id int PRIMARY KEY, parent int REFERENCES quiet);
CREATE INDEX ON partly (parent) WHERE parent < 10;
INSERT INTO partly SELECT g, 1 FROM generate_series(1, 500) g;
DELETE FROM parent WHERE id > 400;
ANALYZE;
