-- expect: critical dangerous-settings/session_replication_role of DATABASE {database}
SELECT format('ALTER DATABASE %I SET session_replication_role = replica', current_database()) \gexec
