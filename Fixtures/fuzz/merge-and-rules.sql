merge into only t as a using (select 1) as b(c) on a.x = b.c when matched and a.y then delete when not matched and b.c > 1 then insert overriding user value values (default) when matched then do nothing;
create rule r as on update to t where old.a > 1 do also (update u set b = new.a; notify x)
