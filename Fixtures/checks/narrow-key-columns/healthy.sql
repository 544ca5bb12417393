-- As wide or wider.
CREATE TABLE parent (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE child (parent bigint REFERENCES parent, other int REFERENCES parent);
CREATE TABLE serial (id serial, big bigserial, small smallserial);
