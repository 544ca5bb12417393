-- where: SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'hypopg')
-- expect: info foreign-libraries/hypopg
-- expect: info foreign-libraries/functions in C
CREATE EXTENSION IF NOT EXISTS hypopg;
CREATE FUNCTION loose(text, text) RETURNS int LANGUAGE c STRICT AS '$libdir/fuzzystrmatch', 'levenshtein';
