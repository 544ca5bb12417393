-- expect: notice per-row-policies/public.t.mine
CREATE TABLE t (owner text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON t USING (owner = current_setting('app.user', true));
