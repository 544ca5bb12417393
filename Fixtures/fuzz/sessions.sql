set time zone interval '1' hour to minute;
set session characteristics as transaction isolation level read committed, deferrable;
reset all; discard temp; listen a; unlisten *; deallocate prepare all; close all; fetch backward 5 from c; move all in c; savepoint a; rollback to a; prepare transaction 'x'; commit and chain
