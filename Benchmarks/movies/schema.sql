-- A database of films like the one of the Join Order Benchmark (Leis et al., VLDB 2015): 21 tables around one, skewed keys,
-- values that depend on each other. Made of hashes, so that it is the same everywhere; :scale 1 is about 450 MB.
CREATE FUNCTION pg_temp.u(n int, salt int) RETURNS float8 IMMUTABLE LANGUAGE sql
  AS 'SELECT (hashint4(n * 31 + salt) & 16777215) / 16777216.0';
-- Of 1 … most, the small ones more often.
CREATE FUNCTION pg_temp.few(n int, salt int, most int, skew float8) RETURNS int IMMUTABLE LANGUAGE sql
  AS 'SELECT 1 + floor(most * pow((hashint4(n * 31 + salt) & 16777215) / 16777216.0, skew))::int';
CREATE FUNCTION pg_temp.word(n int) RETURNS text IMMUTABLE LANGUAGE sql
  AS $$SELECT initcap(translate(substr(md5(n::text), 1, 3 + n % 6), '0123456789', 'aeioulnrst'))$$;
SELECT (250000 * :scale)::int AS films, (410000 * :scale)::int AS people, (310000 * :scale)::int AS roles,
  (13000 * :scale)::int AS keywords, (23000 * :scale)::int AS companies \gset

CREATE TABLE film_kind AS SELECT g AS id, (ARRAY['movie','series','episode','video','tv movie','game','short'])[g] AS kind
  FROM generate_series(1, 7) AS g;
CREATE TABLE company_kind AS SELECT g AS id, (ARRAY['production','distribution','effects','miscellaneous'])[g] AS kind
  FROM generate_series(1, 4) AS g;
CREATE TABLE info_kind AS SELECT g AS id, CASE g WHEN 1 THEN 'countries' WHEN 2 THEN 'genres' WHEN 3 THEN 'rating' WHEN 4 THEN
  'votes' WHEN 5 THEN 'budget' WHEN 6 THEN 'release dates' WHEN 7 THEN 'biography' ELSE 'info ' || g END AS info
  FROM generate_series(1, 113) AS g;
CREATE TABLE job AS SELECT g AS id, (ARRAY['actor','actress','producer','writer','camera','composer','costume','director',
  'editor','guest','miscellaneous','designer'])[g] AS job FROM generate_series(1, 12) AS g;
CREATE TABLE link_kind AS SELECT g AS id, (ARRAY['follows','followed by','remake of','remade as','references','version of',
  'features','spin off','edited into'])[1 + g % 9] || CASE WHEN g > 9 THEN ' too' ELSE '' END AS link
  FROM generate_series(1, 18) AS g;
CREATE TABLE cast_state AS SELECT g AS id, (ARRAY['cast','crew','complete','verified'])[g] AS state
  FROM generate_series(1, 4) AS g;
CREATE TABLE keyword AS SELECT g AS id, CASE WHEN g <= 12 THEN (ARRAY['sequel','murder','revenge','hero','love','blood','war',
  'character name in title','based on novel','violence','magnet','marvel'])[g] ELSE pg_temp.word(g) || '-' || g END AS keyword
  FROM generate_series(1, :keywords) AS g;
CREATE TABLE company AS SELECT g AS id, CASE WHEN g % 41 = 0 THEN 'Film ' WHEN g % 67 = 0 THEN 'Warner ' ELSE '' END
  || pg_temp.word(g) || ' ' || pg_temp.word(g + 7) AS name, '[' || (ARRAY['us','gb','de','fr','in','jp','it','es','ca','se',
  'dk','ru'])[pg_temp.few(g, 1, 12, 2)] || ']' AS country FROM generate_series(1, :companies) AS g;
CREATE TABLE person AS SELECT g AS id, pg_temp.word(g) || ', ' || pg_temp.word(pg_temp.few(g, 2, 3000, 2)) AS name,
  CASE WHEN pg_temp.u(g, 3) < 0.3 THEN NULL WHEN pg_temp.u(g, 3) < 0.75 THEN 'm' ELSE 'f' END AS gender,
  upper(substr(md5(g::text), 1, 1)) || g % 700 AS name_code, md5(g::text) AS checksum FROM generate_series(1, :people) AS g;
CREATE TABLE character AS SELECT g AS id, CASE WHEN g % 900 = 0 THEN 'Queen ' ELSE '' END || pg_temp.word(g) || ' '
  || pg_temp.word(g / 3) AS name, md5(g::text) AS checksum FROM generate_series(1, :roles) AS g;
CREATE TABLE film AS SELECT g AS id, CASE WHEN g % 500 = 0 THEN 'Champion ' WHEN g % 333 = 0 THEN 'Murder ' ELSE '' END
  || pg_temp.word(g) || ' ' || pg_temp.word(g / 5) AS title, pg_temp.few(g, 4, 7, 2) AS kind_id,
  CASE WHEN g % 17 <> 0 THEN 2026 - pg_temp.few(g, 5, 130, 2.5) END AS year,
  CASE WHEN pg_temp.few(g, 4, 7, 2) = 3 THEN 1 + g % 40 END AS episode, md5(g::text) AS checksum
  FROM generate_series(1, :films) AS g;
CREATE TABLE film_alias AS SELECT g AS id, pg_temp.few(g, 6, :films, 1.5) AS film_id, pg_temp.word(g) AS title
  FROM generate_series(1, :films / 7) AS g;
CREATE TABLE person_alias AS SELECT g AS id, pg_temp.few(g, 7, :people, 1.5) AS person_id, pg_temp.word(g) || ' ' || g AS name
  FROM generate_series(1, :people / 5) AS g;
CREATE TABLE film_company AS SELECT g AS id, pg_temp.few(g, 8, :films, 1.2) AS film_id, pg_temp.few(g, 9, :companies, 3)
  AS company_id, pg_temp.few(g, 10, 4, 2) AS kind_id, CASE WHEN g % 2 = 0 THEN '(' || 1960 + pg_temp.few(g, 11, 60, 0.5) || ') '
  || (ARRAY['(USA)','(worldwide)','(TV)','(theatrical)','(VHS)','(presents)','(co-production)'])[pg_temp.few(g, 12, 7, 1.6)]
  END AS note FROM generate_series(1, :films) AS g;
CREATE TABLE film_keyword AS SELECT g AS id, pg_temp.few(g, 13, :films, 1.7) AS film_id, pg_temp.few(g, 14, :keywords, 3)
  AS keyword_id FROM generate_series(1, (:films * 1.8)::int) AS g;
CREATE TABLE film_info AS SELECT g AS id, pg_temp.few(g, 15, :films, 1.3) AS film_id, k AS kind_id,
  CASE k WHEN 1 THEN (ARRAY['USA','UK','Germany','France','India','Japan','Sweden','Norway','Denmark'])[pg_temp.few(g, 16, 9, 2)]
  WHEN 2 THEN (ARRAY['Drama','Comedy','Short','Documentary','Action','Thriller','Horror','Sci-Fi','War','Western'])
  [pg_temp.few(g, 17, 10, 1.5)] WHEN 6 THEN (ARRAY['USA:','UK:','Japan:'])[pg_temp.few(g, 18, 3, 1)] || 1950
  + pg_temp.few(g, 19, 70, 0.6) ELSE pg_temp.word(g) || g END AS info, CASE WHEN g % 9 = 0 THEN 'internet' END AS note
  FROM (SELECT g, pg_temp.few(g, 20, 113, 4) AS k FROM generate_series(1, :films * 6) AS g) AS s;
CREATE TABLE film_figure AS SELECT g AS id, 1 + g / 3 AS film_id, 3 + g % 3 AS kind_id, CASE g % 3 WHEN 0 THEN
  round((1 + 9 * pow(pg_temp.u(g, 21), 0.5))::numeric, 1)::text ELSE pg_temp.few(g, 22, 200000, 6)::text END AS info
  FROM generate_series(1, (:films * 0.55)::int) AS g;
CREATE TABLE film_cast AS SELECT g AS id, pg_temp.few(g, 23, :people, 1.4) AS person_id, pg_temp.few(g, 24, :films, 1.3)
  AS film_id, CASE WHEN j < 3 AND g % 2 = 0 THEN pg_temp.few(g, 25, :roles, 1.3) END AS character_id, CASE WHEN g % 3 = 0 THEN
  (ARRAY['(voice)','(uncredited)','(producer)','(executive producer)','(writer)','(voice: English)'])[pg_temp.few(g, 26, 6, 1.5)]
  END AS note, CASE WHEN j < 3 THEN g % 60 END AS position, j AS job_id
  FROM (SELECT g, pg_temp.few(g, 27, 12, 2) AS j FROM generate_series(1, :films * 14) AS g) AS s;
CREATE TABLE person_info AS SELECT g AS id, pg_temp.few(g, 28, :people, 2) AS person_id, pg_temp.few(g, 29, 39, 2) AS kind_id,
  repeat(pg_temp.word(g), 6) AS info, CASE WHEN g % 90 = 0 THEN 'Volker Boehm' END AS note
  FROM generate_series(1, (:people * 0.7)::int) AS g;
CREATE TABLE cast_complete AS SELECT g AS id, pg_temp.few(g, 30, :films, 1.4) AS film_id, 1 + g % 2 AS subject_id, 3 + g / 3 % 2
  AS state_id FROM generate_series(1, :films / 18) AS g;
CREATE TABLE film_link AS SELECT g AS id, pg_temp.few(g, 31, :films / 8, 1.3) AS film_id, pg_temp.few(g, 32, :films / 8, 1.3)
  AS other_id, pg_temp.few(g, 33, 18, 2) AS kind_id FROM generate_series(1, :films / 80) AS g;
