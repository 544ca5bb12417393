-- expect: notice public-definer-functions/public.everybodys(integer)
-- expect: notice public-definer-functions/public.work()
CREATE FUNCTION everybodys(int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT $1';
CREATE PROCEDURE work() LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
