-- expect: critical unenforced-foreign-keys/public.child.child_r_fkey
CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE child (r int REFERENCES r);
ALTER TABLE child DISABLE TRIGGER ALL;
