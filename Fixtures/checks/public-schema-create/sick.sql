-- expect: warning public-schema-create/public
-- expect: warning public-schema-create/"Open"
CREATE SCHEMA "Open";
GRANT CREATE ON SCHEMA public, "Open" TO PUBLIC;
