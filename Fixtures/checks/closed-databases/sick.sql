-- expect: warning closed-databases/planted_closed
-- expect: warning closed-databases/planted_invalid
DROP DATABASE IF EXISTS planted_closed;
DROP DATABASE IF EXISTS planted_invalid;
CREATE DATABASE planted_closed ALLOW_CONNECTIONS false;
CREATE DATABASE planted_invalid;
UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'planted_invalid';
