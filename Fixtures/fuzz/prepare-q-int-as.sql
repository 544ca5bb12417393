prepare q (int) as select $1;
execute q (5)
