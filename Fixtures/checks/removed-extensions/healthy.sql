-- where: SELECT current_setting('server_version_num')::int < 170000 AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'adminpack')
CREATE EXTENSION pg_trgm;
