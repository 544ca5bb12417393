-- expect: info orphaned-large-objects/{database}
SELECT lo_from_bytea(0, 'x') FROM generate_series(1, 50);
