alter table t add column a int, drop column if exists b cascade, alter column c type text using c::text;
alter table only t add constraint k foreign key (a) references u not valid
