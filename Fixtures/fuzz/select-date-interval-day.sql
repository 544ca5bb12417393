select date '1995-01-01', interval '1 day', interval '90' day, interval(3) '1.2 s', timestamp with time zone 'now';
select time(2) with time zone '10:00+1', bit varying(3) '101', numeric(8,2) '1.5', pg_catalog.int4 '5'
