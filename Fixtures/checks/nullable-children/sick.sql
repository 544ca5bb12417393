-- where: SELECT current_setting('server_version_num')::int < 180000
-- expect: warning nullable-children/public.child.a
CREATE TABLE parent (a int NOT NULL, b int);
CREATE TABLE child (c int) INHERITS (parent);
ALTER TABLE child ALTER COLUMN a DROP NOT NULL;
INSERT INTO child VALUES (1, NULL, NULL);
