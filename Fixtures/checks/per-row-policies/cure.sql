ALTER POLICY mine ON t USING (owner = (SELECT current_setting('app.user', true)));
