create table p partition of t for values from (1, minvalue) to (10, maxvalue);
create unlogged table if not exists t (like u including all) inherits (v) with (fillfactor = 70)
