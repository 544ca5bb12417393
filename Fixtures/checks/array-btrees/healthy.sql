CREATE TABLE t (tags text[], a text, u int[] UNIQUE);
CREATE INDEX ON t USING gin (tags);
CREATE INDEX ON t (a);
