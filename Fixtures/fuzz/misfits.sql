select * from t where a between b and (c or d);
select (not a) like b, (array[1, 2])[1], (a is distinct from b) is not true;
select 1 from x for update of x skip locked;
select (a + b) at time zone 'UTC'
