CREATE TABLE t (a int) TABLESPACE pg_default;
