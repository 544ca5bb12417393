create type e as enum ('a', 'b');
create domain d as int check (value > 0)
