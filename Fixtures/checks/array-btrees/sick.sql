-- expect: info array-btrees/public.t_tags
CREATE TABLE t (tags text[]);
CREATE INDEX t_tags ON t (tags);
