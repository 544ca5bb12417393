-- where: SELECT current_setting('server_version_num')::int < 140000
-- expect: warning changed-polymorphics/public.accumulated(anyelement)
-- expect: warning changed-polymorphics/public.|||(anyarray,anyelement)
CREATE AGGREGATE accumulated(anyelement) (SFUNC = array_append, STYPE = anyarray, INITCOND = '{}');
CREATE OPERATOR ||| (LEFTARG = anyarray, RIGHTARG = anyelement, FUNCTION = array_append);
