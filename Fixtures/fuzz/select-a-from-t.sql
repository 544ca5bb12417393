select a from t order by a using > fetch first 5 rows with ties;
select a from t limit all offset 3
