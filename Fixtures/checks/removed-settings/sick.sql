-- where: SELECT current_setting('server_version_num')::int < 160000
-- expect: warning removed-settings/force_parallel_mode of DATABASE {database}
-- expect: warning removed-settings/force_parallel_mode of FUNCTION public.f()
SELECT format('ALTER DATABASE %I SET force_parallel_mode = off', current_database()) \gexec
CREATE FUNCTION f() RETURNS int LANGUAGE sql SET force_parallel_mode = off AS 'SELECT 1';
