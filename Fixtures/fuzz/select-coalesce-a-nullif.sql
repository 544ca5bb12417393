select coalesce(a, 0), nullif(a, 0), greatest(a, 1), least(a, 2), current_date, current_timestamp(3) from t;
select * from t where a between 1 and 10 and b not between symmetric 5 and 3
