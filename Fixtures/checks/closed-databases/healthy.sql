DROP DATABASE IF EXISTS planted_limited;
CREATE DATABASE planted_limited CONNECTION LIMIT 0;
DROP DATABASE planted_limited;
