DROP DATABASE planted_closed;
