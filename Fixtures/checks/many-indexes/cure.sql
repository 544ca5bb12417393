SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index WHERE indrelid = 't'::regclass LIMIT 6 \gexec
