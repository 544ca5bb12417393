-- expect: warning|notice public-schema-create/public
-- expect: warning|notice public-schema-create/"Open"
CREATE SCHEMA "Open";
GRANT CREATE ON SCHEMA public, "Open" TO PUBLIC;
