// A sequence's last number under ACCESS SHARE, and who may read it.

import Database

/// `pg_sequence_last_value` takes ROW EXCLUSIVE, keeps it to the end of the transaction, and has each ALTER SEQUENCE wait for
/// that. `SELECT * FROM sequence` takes ACCESS SHARE, and `table_to_xml` does that for a sequence by its number, so that no
/// name becomes a statement.
/// https://www.postgresql.org/docs/current/functions-xml.html#FUNCTIONS-XML-MAPPING
/// - Parameter sequence: an expression of type oid.
/// - Returns: an expression of type bigint, NULL where it has given out nothing.
func lastNumber(of sequence: SQL) -> SQL {
  """
   (SELECT CASE WHEN strpos(n.found, '<is_called>true') > 0
      THEN substring(n.found, '<last_value>(-?[0-9]+)<')::bigint END
    FROM (SELECT table_to_xml((
  """ + sequence + """
    )::regclass, false, true, '')::text AS found OFFSET 0) AS n)

    """
}

/// Reading a sequence's row takes SELECT on it and USAGE of its schema.
/// - Parameter sequence: an expression of type oid; NULL for NULL.
func mayReadLastNumber(of sequence: SQL) -> SQL {
  " (has_sequence_privilege(" + sequence + ", 'SELECT') AND (SELECT has_schema_privilege(o.relnamespace, 'USAGE')"
    + " FROM pg_class AS o WHERE o.oid = " + sequence + ")) "
}

/// What it means that a question failed on a server that was built without libxml; nil for any other failure.
func withoutXML(_ error: DatabaseError) -> String? {
  guard error.sqlState == "0A000", error.message.contains("XML") else { return nil }
  return "this server was built without libxml, and nothing else reads a sequence without a lock that ALTER "
    + "SEQUENCE waits "
    + "for: SELECT * FROM pg_sequences; shows the last numbers"
}
