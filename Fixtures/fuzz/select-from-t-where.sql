select * from t where a like 'x%' and b ilike '%y' escape '!' and c similar to 'z' and d ~ '^a' and e !~* 'b';
select * from t where a is null and b is not null and c is distinct from d and e is true and f is not unknown
