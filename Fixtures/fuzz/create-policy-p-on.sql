create policy p on t for select to public using (a = 1);
create rule r as on insert to t do instead (insert into u values (new.a); select 1)
