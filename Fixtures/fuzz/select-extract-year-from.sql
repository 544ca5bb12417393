select extract(year from d), extract('dow' from d), position('a' in b), substring(c from 2 for 3) from t;
select trim(both 'x' from a), overlay(a placing 'b' from 2 for 3), a at time zone 'UTC', a collate "C" from t
