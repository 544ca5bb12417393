delete from t using u where t.a = u.a and u.b < 10 returning t.*;
merge into t using s on t.a = s.a when matched and s.b > 5 then update set c = s.c + 1 when matched then delete when not matched then insert (a, c) values (s.a, 1)
