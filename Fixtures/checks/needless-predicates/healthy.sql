-- A column that may be NULL, a second condition, an expression, and what asks for the opposite.
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int);
CREATE INDEX t_b ON t (b) WHERE b IS NOT NULL;
CREATE INDEX t_a ON t (a) WHERE a IS NOT NULL AND b > 0;
CREATE INDEX t_e ON t (a) WHERE (a + b) IS NOT NULL;
CREATE INDEX t_n ON t (id) WHERE a IS NULL;
CREATE INDEX t_c ON t (a) WHERE a > 7;
