SELECT format('ALTER DATABASE %I SET work_mem = 8192', current_database()) \gexec
