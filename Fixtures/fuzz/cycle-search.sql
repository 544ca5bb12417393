with recursive g(a, b) as (select 1, 2 union all select a + 1, b from g) search depth first by a set o cycle a set c to 'y' default 'n' using p select * from g
