-- where: SELECT current_setting('server_version_num')::int < 170000 AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'adminpack')
-- expect: warning removed-extensions/adminpack
CREATE EXTENSION adminpack;
