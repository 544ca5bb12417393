-- On top of setup.sql: operators, casts and functions in the search path that take over from PostgreSQL's own.
-- Nothing is honest here any more, so only overlay.jsonl is judged against it.
CREATE OPERATOR public.= (LEFTARG = integer, RIGHTARG = text, FUNCTION = trap.by_operator);
CREATE FUNCTION public.by_less(integer, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM trap.writes(); RETURN true; END $$;
CREATE OPERATOR public.<> (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE OPERATOR public.< (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE OPERATOR public.<= (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE OPERATOR public.>= (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE OPERATOR public.~~ (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE OPERATOR public.~~* (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE OPERATOR public.~ (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.by_less);
CREATE FUNCTION public.minus(text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM trap.writes(); RETURN 1; END $$;
CREATE OPERATOR public.- (RIGHTARG = text, FUNCTION = public.minus);
CREATE TABLE public.numbers (k integer, n integer);
CREATE TABLE public.texts (k text, t text);
INSERT INTO public.numbers VALUES (1, 1);
INSERT INTO public.texts VALUES ('1', '1');
CREATE FUNCTION public.lower(integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM trap.writes(); RETURN 'x'; END $$;
CREATE FUNCTION public.round(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM trap.writes(); RETURN 'x'; END $$;
CREATE FUNCTION public.count(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM trap.writes(); RETURN 'x'; END $$;
CREATE FUNCTION public.coalesce_all(VARIADIC text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM trap.writes(); RETURN 'x'; END $$;
