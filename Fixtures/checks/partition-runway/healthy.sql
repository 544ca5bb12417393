-- Far ahead, without an end, an archive of years ago, by numbers, by two columns and by a list.
SELECT current_date - 30 AS start, current_date + 60 AS ahead \gset
CREATE TABLE good (at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE good1 PARTITION OF good FOR VALUES FROM (:'start') TO (:'ahead');
CREATE TABLE good2 PARTITION OF good FOR VALUES FROM (:'ahead') TO (MAXVALUE);
CREATE TABLE more (at timestamptz) PARTITION BY RANGE (at);
SELECT current_date + 1 AS a, current_date + 31 AS b \gset
CREATE TABLE more1 PARTITION OF more FOR VALUES FROM (:'a') TO (:'b');
CREATE TABLE old (at date) PARTITION BY RANGE (at);
CREATE TABLE old1 PARTITION OF old FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
CREATE TABLE n (a int) PARTITION BY RANGE (a);
CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (0) TO (10);
CREATE TABLE two (at date, b int) PARTITION BY RANGE (at, b);
CREATE TABLE two1 PARTITION OF two FOR VALUES FROM (:'start', 1) TO (:'a', 2);
CREATE TABLE l (at date) PARTITION BY LIST (at);
CREATE TABLE l1 PARTITION OF l FOR VALUES IN ('2001-01-01');
