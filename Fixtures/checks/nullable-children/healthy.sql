-- where: SELECT current_setting('server_version_num')::int < 180000
CREATE TABLE parent (a int NOT NULL, b int);
CREATE TABLE child (c int) INHERITS (parent);
ALTER TABLE child ALTER COLUMN b SET NOT NULL;
CREATE TABLE parts (a int NOT NULL) PARTITION BY RANGE (a);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (2);
