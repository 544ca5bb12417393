-- limit: foreign-key-rows=100
-- Columns in another order, hash, a longer index, and a small table.
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
INSERT INTO parent SELECT g, g FROM generate_series(1, 500) g;
CREATE TABLE one (id int PRIMARY KEY);
INSERT INTO one VALUES (1);
CREATE TABLE child (x int, y int, h int REFERENCES one, FOREIGN KEY (x, y) REFERENCES parent (a, b));
CREATE INDEX ON child (y, x, h);
CREATE INDEX ON child USING hash (h);
INSERT INTO child SELECT g, g, 1 FROM generate_series(1, 500) g;
CREATE TABLE small (h int REFERENCES one);
INSERT INTO small VALUES (1);
DELETE FROM parent WHERE false;
ANALYZE;
