drop table if exists a, s.b cascade;
truncate a, b restart identity
