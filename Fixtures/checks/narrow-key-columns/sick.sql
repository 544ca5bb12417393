-- expect: notice narrow-key-columns/public.filled.id
-- expect: warning narrow-key-columns/public.child.parent
CREATE SEQUENCE wide;
CREATE TABLE filled (id int DEFAULT nextval('wide'));
CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
SELECT setval('parent_id_seq', 1900000000);
CREATE TABLE child (parent int REFERENCES parent);
