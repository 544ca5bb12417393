-- A key, a full identity, and inserts only.
CREATE TABLE t (a int PRIMARY KEY);
CREATE TABLE u (a int);
ALTER TABLE u REPLICA IDENTITY FULL;
CREATE TABLE v (a int);
CREATE PUBLICATION p FOR TABLE t, u;
CREATE PUBLICATION q FOR TABLE v WITH (publish = 'insert');
