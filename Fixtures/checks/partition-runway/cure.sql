SELECT current_date - 1 AS a, current_date + 5 AS b, current_date + 35 AS c, current_date + 65 AS d \gset
CREATE TABLE past2 PARTITION OF past FOR VALUES FROM (:'a') TO (:'c');
CREATE TABLE past3 PARTITION OF past FOR VALUES FROM (:'c') TO (:'d');
CREATE TABLE soon2 PARTITION OF soon FOR VALUES FROM (:'b') TO (:'c');
CREATE TABLE soon3 PARTITION OF soon FOR VALUES FROM (:'c') TO (:'d');
CREATE TABLE caught2 PARTITION OF caught FOR VALUES FROM (:'a') TO (:'c');
CREATE TABLE caught3 PARTITION OF caught FOR VALUES FROM (:'c') TO (:'d');
