-- where: SELECT current_setting('server_version_num')::int < 140000
CREATE TABLE t (a text);
INSERT INTO t SELECT convert_from(convert_to('ä', 'LATIN1'), 'LATIN1');
