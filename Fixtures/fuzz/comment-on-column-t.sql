comment on column t.a is 'x';
grant select (a), insert on t to r with grant option
