-- expect: info disabled-triggers/public.t."Stamp it"
-- expect: info disabled-triggers/watcher
CREATE TABLE t (a int);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "Stamp it" BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE t DISABLE TRIGGER "Stamp it";
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION watch();
ALTER EVENT TRIGGER watcher DISABLE;
