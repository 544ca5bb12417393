-- expect: notice outdated-extensions/pg_stat_statements
DROP EXTENSION IF EXISTS pg_stat_statements;
CREATE EXTENSION pg_stat_statements VERSION '1.7';
