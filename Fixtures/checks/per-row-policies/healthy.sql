-- Asked once, another function, and row level security off.
CREATE TABLE t (owner text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON t USING (owner = (SELECT current_setting('app.user', true)));
CREATE POLICY named ON t USING (owner = CURRENT_USER);
CREATE TABLE off (owner text);
CREATE POLICY mine ON off USING (owner = current_setting('app.user', true));
