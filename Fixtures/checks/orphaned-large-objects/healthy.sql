CREATE TABLE t (picture oid);
INSERT INTO t SELECT lo_from_bytea(0, 'x');
