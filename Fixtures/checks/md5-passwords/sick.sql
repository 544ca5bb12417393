-- expect: warning md5-passwords/planted_md5
DROP ROLE IF EXISTS planted_md5;
SET password_encryption = md5;
CREATE ROLE planted_md5 LOGIN PASSWORD 'x';
