-- where: SELECT current_setting('server_version_num')::int < 170000
SELECT format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()) \gexec
CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = pg_catalog AS 'SELECT 1';
