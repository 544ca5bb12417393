-- where: SELECT current_setting('server_version_num')::int < 140000
-- expect: warning old-conversions/public."My conversion"
CREATE CONVERSION "My conversion" FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
