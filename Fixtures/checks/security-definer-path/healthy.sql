-- With a path of its own, as the caller, and an extension's.
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT a';
CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
