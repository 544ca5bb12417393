select a ->> 'b', a #> '{c,d}', a @> '{"e": 1}'::jsonb, a ? 'f', a operator(pg_catalog.+) 1 from t;
select xmlelement(name foo, xmlattributes(a as b), 'c'), xmlforest(d, e as f) from t
