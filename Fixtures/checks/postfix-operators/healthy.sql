-- where: SELECT current_setting('server_version_num')::int < 140000
CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
CREATE FUNCTION sum(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + $2';
CREATE OPERATOR !!! (RIGHTARG = int, FUNCTION = twice);
CREATE OPERATOR ||| (LEFTARG = int, RIGHTARG = int, FUNCTION = sum);
