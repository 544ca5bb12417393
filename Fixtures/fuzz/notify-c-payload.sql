notify c, 'payload';
refresh materialized view concurrently m
