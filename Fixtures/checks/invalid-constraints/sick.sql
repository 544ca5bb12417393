-- expect: warning invalid-constraints/public.t.positive
-- expect: warning invalid-constraints/public.t.t_r_fkey
CREATE TABLE r (id int PRIMARY KEY);
CREATE TABLE t (a int, r int);
ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
ALTER TABLE t ADD FOREIGN KEY (r) REFERENCES r NOT VALID;
