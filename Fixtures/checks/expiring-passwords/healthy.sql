-- Later, never, long ago, and no login.
DROP ROLE IF EXISTS planted_expiring;
CREATE ROLE planted_expiring LOGIN VALID UNTIL '2020-01-01';
ALTER ROLE planted_expiring VALID UNTIL 'infinity';
DROP ROLE planted_expiring;
