create function f(a int, out b text, variadic c int[]) returns setof record language sql as $$ select 1; $$;
create or replace procedure p() language plpgsql as $body$ begin perform 1; end; $body$
