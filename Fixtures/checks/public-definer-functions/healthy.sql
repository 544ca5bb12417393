-- Not for everybody; with the caller's rights; a trigger's; an extension's; and one of somebody who is no superuser.
CREATE FUNCTION kept(int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT $1';
REVOKE EXECUTE ON FUNCTION kept(int) FROM PUBLIC;
CREATE FUNCTION own(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
  AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION lesser(int) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT $1';
ALTER FUNCTION lesser(int) OWNER TO pg_monitor;
