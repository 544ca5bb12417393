-- where: SELECT current_setting('server_version_num')::int < 140000
CREATE AGGREGATE total(int) (SFUNC = int4_sum, STYPE = bigint);
CREATE FUNCTION own(anyarray, anyelement) RETURNS anyarray LANGUAGE sql AS 'SELECT array_append($1, $2)';
CREATE AGGREGATE accumulated(anyelement) (SFUNC = own, STYPE = anyarray, INITCOND = '{}');
