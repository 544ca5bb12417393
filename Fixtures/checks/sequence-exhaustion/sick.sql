-- Serial, a column that somebody else's sequence fills, an integer sequence for a bigint column, identity, smallserial, a
-- limit and a name of somebody's own, and one that counts down.
-- expect: critical sequence-exhaustion/public.a_id_seq
-- expect: critical sequence-exhaustion/public.loose
-- expect: critical sequence-exhaustion/public.narrow
-- expect: critical sequence-exhaustion/public.d_id_seq
-- expect: warning sequence-exhaustion/public.e_id_seq
-- expect: critical sequence-exhaustion/public."Odd Seq"
-- expect: critical sequence-exhaustion/public.down
CREATE TABLE a (id serial);
SELECT setval('a_id_seq', 2000000000);
CREATE SEQUENCE loose;
CREATE TABLE b (id int DEFAULT nextval('loose'));
SELECT setval('loose', 2000000000);
CREATE SEQUENCE narrow AS integer;
CREATE TABLE c (id bigint DEFAULT nextval('narrow'));
SELECT setval('narrow', 2000000000);
CREATE TABLE d (id int GENERATED ALWAYS AS IDENTITY);
SELECT setval('d_id_seq', 2000000000);
CREATE TABLE e (id smallserial);
SELECT setval('e_id_seq', 25000);
CREATE SEQUENCE "Odd Seq" MAXVALUE 1000;
SELECT setval('"Odd Seq"', 950);
CREATE SEQUENCE down AS integer INCREMENT -1 MINVALUE -2147483648 MAXVALUE -1;
SELECT setval('down', -2100000000);
