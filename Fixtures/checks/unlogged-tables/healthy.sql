-- Logged, and of one session only.
CREATE TABLE t (a int);
CREATE TEMPORARY TABLE u (a int);
