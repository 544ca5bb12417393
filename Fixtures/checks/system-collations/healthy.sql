-- where: SELECT datcollate ~* '^(c|posix)([.].*)?$' FROM pg_database WHERE datname = current_database()
CREATE TABLE t (a text COLLATE "C", b text, c int, d text COLLATE "POSIX");
CREATE INDEX ON t (a);
CREATE INDEX ON t (b);
CREATE INDEX ON t (c);
CREATE INDEX ON t (d);
