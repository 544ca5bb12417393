create trigger tr after update of a on t for each row when (old.a <> new.a) execute function f('x');
create role r login password 'secret' valid until '2030-01-01'
