call p(1, 'x');
do $$ begin null; end $$
