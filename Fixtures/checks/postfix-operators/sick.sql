-- where: SELECT current_setting('server_version_num')::int < 140000
-- expect: warning postfix-operators/public.!!! (integer, NONE)
CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
CREATE OPERATOR !!! (LEFTARG = int, FUNCTION = twice);
