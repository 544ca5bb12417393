create table t as select 1 as a with no data;
create unique index concurrently i on t using btree (lower(a) text_pattern_ops desc nulls last, b) include (c) with (fillfactor = 90) where d > 5
