-- Never called, half used, wide, cycling on purpose.
CREATE TABLE a (id serial);
CREATE TABLE b (id serial);
SELECT setval('b_id_seq', 1000000000);
CREATE TABLE c (id bigserial);
SELECT setval('c_id_seq', 2000000000);
CREATE SEQUENCE round MAXVALUE 1000 CYCLE;
SELECT setval('round', 999);
CREATE SEQUENCE late START 900 MAXVALUE 2000;
SELECT nextval('late');
