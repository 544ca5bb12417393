-- limit: superusers=1
-- expect: notice superuser-logins/superusers
-- expect: info superuser-logins/powers_loader
-- expect: info superuser-logins/powers_seer
CREATE ROLE powers_super SUPERUSER LOGIN;
CREATE ROLE powers_loader LOGIN;
GRANT pg_read_server_files TO powers_loader;
CREATE ROLE powers_seer LOGIN BYPASSRLS;
