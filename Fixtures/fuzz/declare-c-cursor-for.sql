declare c cursor for select 1;
set local work_mem = '64MB'
