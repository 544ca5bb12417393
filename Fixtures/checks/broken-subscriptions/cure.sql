SELECT format('ALTER SUBSCRIPTION %I DISABLE', current_database()),
  format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', current_database()),
  format('DROP SUBSCRIPTION %I', current_database()) \gexec
