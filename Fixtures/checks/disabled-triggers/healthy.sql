-- One that fires, one for replicas, and those of a foreign key, which is another check's affair.
CREATE TABLE t (a int PRIMARY KEY);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER fires BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER replica_only BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE t ENABLE REPLICA TRIGGER replica_only;
CREATE TABLE c (a int REFERENCES t);
DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE c DISABLE TRIGGER %I', tgname) FROM pg_trigger
  WHERE tgrelid = 'c'::regclass LIMIT 1); END $$;
