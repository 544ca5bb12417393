DROP ROLE IF EXISTS planted_scram;
SET password_encryption = 'scram-sha-256';
CREATE ROLE planted_scram LOGIN PASSWORD 'x';
DROP ROLE planted_scram;
