-- expect: warning broken-subscriptions/{database}
CREATE SUBSCRIPTION "subscription of a test" CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);
SELECT format('ALTER SUBSCRIPTION "subscription of a test" RENAME TO %I', current_database()) \gexec
