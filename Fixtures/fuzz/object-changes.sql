alter function f(int, variadic text[]) cost 5 set search_path to a, b;
alter domain d add constraint c check (value > 0) not valid;
alter type e add value if not exists 'x' before 'y';
alter role r in database d set x to 'y';
alter default privileges for role r in schema s grant select on tables to public;
reassign owned by a to b;
security label for p on column t.a is 'x';
drop operator class if exists a using btree;
alter operator +(int, none) owner to current_user
