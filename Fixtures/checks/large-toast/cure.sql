-- What is not stored in the database takes no room there.
UPDATE large SET body = 'https://example.net/' || a;
UPDATE vast SET body = 'https://example.net/' || a;
VACUUM FULL large;
VACUUM FULL vast;
VACUUM ANALYZE large, vast;
