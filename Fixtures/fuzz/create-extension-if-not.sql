create extension if not exists hypopg;
create tablespace ts location '/data'
