SELECT pg_stat_reset();
SELECT pg_sleep(0.3);
