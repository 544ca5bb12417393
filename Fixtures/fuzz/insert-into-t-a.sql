insert into t (a) overriding system value values (1) on conflict on constraint k do nothing;
update t set a = 1, (b, c) = (2, 3), d = default where e = 4 returning f
