DROP EXTENSION hypopg;
DROP FUNCTION loose(text, text);
