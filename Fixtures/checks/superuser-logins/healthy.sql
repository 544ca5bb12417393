-- limit: superusers=1
-- A superuser that cannot log in, a role for files that nobody logs in as, and an ordinary login.
DROP ROLE IF EXISTS powers_group, powers_files, powers_user;
CREATE ROLE powers_group SUPERUSER NOLOGIN;
CREATE ROLE powers_files NOLOGIN;
GRANT pg_read_server_files TO powers_files;
CREATE ROLE powers_user LOGIN;
