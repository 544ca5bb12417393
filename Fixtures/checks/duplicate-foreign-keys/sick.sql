-- The older goes where only the younger is validated.
-- expect: info duplicate-foreign-keys/public.c.second
-- expect: info duplicate-foreign-keys/public.d.loose
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (p int, CONSTRAINT first FOREIGN KEY (p) REFERENCES p, CONSTRAINT second FOREIGN KEY (p) REFERENCES p);
CREATE TABLE d (p int);
ALTER TABLE d ADD CONSTRAINT loose FOREIGN KEY (p) REFERENCES p NOT VALID;
ALTER TABLE d ADD CONSTRAINT tight FOREIGN KEY (p) REFERENCES p;
