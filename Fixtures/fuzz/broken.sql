select 'unterminated;
select (1;
create table;
éé select
