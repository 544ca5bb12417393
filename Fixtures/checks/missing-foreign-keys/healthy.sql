-- Has one, is of another type, refers to one of several kinds, and names nothing that is there.
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE notes (id int PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, note_id text, thing_id int);
CREATE TABLE comments (id int PRIMARY KEY, note_id int, note_type text);
