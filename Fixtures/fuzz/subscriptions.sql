create publication p for table only t (a, b) where (a > 1), tables in schema s with (publish = 'insert');
create subscription s connection 'host=x' publication p, q with (enabled = false);
import foreign schema a limit to (b, c) from server s into d options (e 'f')
