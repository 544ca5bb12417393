-- expect: critical partition-runway/public.past
-- expect: warning partition-runway/public.soon
-- expect: warning partition-runway/public.caught
SELECT current_date - 30 AS start, current_date - 1 AS yesterday, current_date + 5 AS soon \gset
CREATE TABLE past (at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE past1 PARTITION OF past FOR VALUES FROM (:'start') TO (:'yesterday');
CREATE TABLE soon (at date) PARTITION BY RANGE (at);
CREATE TABLE soon1 PARTITION OF soon FOR VALUES FROM (:'start') TO (:'soon');
CREATE TABLE caught (at timestamp) PARTITION BY RANGE (at);
CREATE TABLE caught1 PARTITION OF caught FOR VALUES FROM (:'start') TO (:'yesterday');
CREATE TABLE caught_rest PARTITION OF caught DEFAULT;
