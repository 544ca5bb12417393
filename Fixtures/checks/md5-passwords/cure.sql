SET password_encryption = 'scram-sha-256';
ALTER ROLE planted_md5 PASSWORD 'x';
DROP ROLE planted_md5;
