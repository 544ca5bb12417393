-- expect: warning security-definer-path/app.f(integer)
-- expect: warning security-definer-path/public."P"()
CREATE SCHEMA app;
CREATE FUNCTION app.f(a int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT a';
CREATE PROCEDURE "P"() LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END';
