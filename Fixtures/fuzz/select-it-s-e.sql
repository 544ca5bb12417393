select 'it''s', E'tab\tquote\'', U&'\0061\+000061', B'101', X'1F', $$dollar$$, $q$a $$ b$q$, n'x';
select true, false, null, not true and false or null
