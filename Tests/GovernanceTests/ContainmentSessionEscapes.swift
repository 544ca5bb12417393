// What a READ ONLY transaction lets through, first part: the mode itself, the session, transactions, locks, messages.

private let isWritable = "SELECT current_setting('transaction_read_only') = 'off'"
private let hasTransactionID = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
private let hasEscaped = "SELECT to_regclass('public.escaped') IS NOT NULL"

/// A function that leaves the mode and writes.
private let runaway = """
  CREATE FUNCTION public.runaway() RETURNS int LANGUAGE plpgsql AS $$
  BEGIN RESET transaction_read_only; CREATE TABLE public.escaped (); RETURN 1; END $$;
  """

/// A function whose label lies: it is evaluated while a statement is planned.
private let liar =
  runaway + """

    CREATE FUNCTION public.liar() RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.runaway(); END';
    """

/// From 17 on transaction modes cannot be reset.
private let noReset = (major: 17, state: "0A000")

enum SessionEscapes {
  static let mode: [Escape] = [
    Escape(
      name: "RESET transaction_read_only makes the transaction writable",
      statement: "RESET transaction_read_only", rule: "session-setting", inside: isWritable, refusedFrom: noReset,
      plain: .notStopped),
    Escape(
      name: "SET transaction_read_only TO DEFAULT makes the transaction writable",
      statement: "SET transaction_read_only TO DEFAULT", rule: "session-setting", inside: isWritable,
      refusedFrom: noReset, plain: .notStopped),
    Escape(
      name: "SELECT of a function that resets the mode creates a table",
      statement: "SELECT public.runaway()", rule: "function-code", before: runaway, inside: hasEscaped,
      refusedFrom: noReset,
      plain: .refused("42501")),
    Escape(
      name: "EXPLAIN, without ANALYZE, of a function that is falsely IMMUTABLE creates a table",
      statement: "EXPLAIN SELECT public.liar()", rule: "function-code",
      before: liar, inside: hasEscaped, refusedFrom: noReset, plain: .refused("42501")),
    Escape(
      name: "SET TRANSACTION READ WRITE before the first query makes the transaction writable",
      statement: "SET TRANSACTION READ WRITE", rule: "session-setting", frame: .beforeFirstQuery, inside: isWritable,
      plain: .notStopped),
    Escape(
      name: "BEGIN READ WRITE before the first query makes the transaction writable",
      statement: "BEGIN READ WRITE", rule: "transaction-control", frame: .beforeFirstQuery, inside: isWritable,
      plain: .notStopped),
    Escape(
      name: "SET SESSION CHARACTERISTICS makes the transactions that follow writable",
      statement: "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", rule: "session-setting",
      before: "SET default_transaction_read_only = on;",
      frame: .committed, after: isWritable, plain: .notStopped),
  ]

  static let transactions: [Escape] = [
    Escape(
      name: "COMMIT ends the guard", statement: "COMMIT", rule: "transaction-control", inside: isWritable,
      plain: .notStopped),
    Escape(
      name: "ROLLBACK ends the guard", statement: "ROLLBACK", rule: "transaction-control", inside: isWritable,
      plain: .notStopped),
    Escape(
      name: "END ends the guard", statement: "END", rule: "transaction-control", inside: isWritable, plain: .notStopped),
    Escape(
      name: "ABORT ends the guard", statement: "ABORT", rule: "transaction-control", inside: isWritable,
      plain: .notStopped),
    Escape(
      name: "PREPARE TRANSACTION parks the guard, and locks for ever",
      statement: "PREPARE TRANSACTION 'parked'", rule: "transaction-control", inside: isWritable,
      after: "SELECT count(*) > 0 FROM pg_prepared_xacts WHERE gid = 'parked'", cleanup: "ROLLBACK PREPARED 'parked';",
      plain: .notStopped),
  ]

  static let session: [Escape] = [
    Escape(
      name: "SET ROLE changes who one is", statement: "SET ROLE reader", rule: "session-setting",
      inside: "SELECT current_user = 'reader'",
      plain: .refused("42501"), plainStatement: "SET ROLE postgres"),
    Escape(
      name: "SET SESSION AUTHORIZATION changes who one is", statement: "SET SESSION AUTHORIZATION reader",
      rule: "session-setting",
      inside: "SELECT session_user = 'reader'", plain: .refused("42501"),
      plainStatement: "SET SESSION AUTHORIZATION postgres"),
    Escape(
      name: "SET lifts a limit", statement: "SET statement_timeout = 0", rule: "session-setting",
      before: "SET statement_timeout = '1min';",
      inside: "SELECT current_setting('statement_timeout') = '0'", plain: .notStopped),
    Escape(
      name: "set_config lifts a limit", statement: "SELECT set_config('statement_timeout', '0', false)",
      rule: "function-session",
      before: "SET statement_timeout = '1min';", inside: "SELECT current_setting('statement_timeout') = '0'",
      plain: .notStopped),
    Escape(
      name: "RESET ALL lifts all limits", statement: "RESET ALL", rule: "session-setting",
      before: "SET statement_timeout = '1min';",
      inside: "SELECT current_setting('statement_timeout') = '0'", plain: .notStopped),
    Escape(
      name: "LOAD loads a library into the server", statement: "LOAD 'auto_explain'", rule: "load",
      inside: "SELECT count(*) > 0 FROM pg_settings WHERE name = 'auto_explain.log_min_duration'",
      plain: .refused("42501")),
    Escape(
      name: "LISTEN subscribes the session", statement: "LISTEN channel", rule: "listen", frame: .committed,
      after: "SELECT count(*) > 0 FROM pg_listening_channels()", plain: .notStopped),
    Escape(
      name: "UNLISTEN ends a subscription", statement: "UNLISTEN *", rule: "listen", before: "LISTEN channel;",
      frame: .committed,
      after: "SELECT count(*) = 0 FROM pg_listening_channels()", plain: .notStopped),
    Escape(
      name: "DISCARD TEMP drops temporary tables", statement: "DISCARD TEMP", rule: "session-setting",
      before: "CREATE TEMP TABLE scratch ();",
      inside: "SELECT to_regclass('pg_temp.scratch') IS NULL", plain: .notStopped),
    Escape(
      name: "DEALLOCATE drops prepared statements", statement: "DEALLOCATE ALL", rule: "prepared-statement",
      before: "PREPARE p AS SELECT 1;",
      inside: "SELECT count(*) = 0 FROM pg_prepared_statements WHERE name = 'p'", plain: .notStopped),
  ]

  static let messages: [Escape] = [
    Escape(
      name: "NOTIFY sends a message to other sessions", statement: "NOTIFY channel, 'secret'", rule: "notify",
      before: "LISTEN channel;",
      frame: .committed, said: "with payload \"secret\"", plain: .notStopped),
    Escape(
      name: "pg_notify sends a message to other sessions", statement: "SELECT pg_notify('channel', 'secret')",
      rule: "function-write",
      before: "LISTEN channel;", frame: .committed, said: "with payload \"secret\"", plain: .notStopped),
    Escape(
      name: "pg_logical_emit_message writes into the log of changes, for ever",
      statement: "SELECT pg_logical_emit_message(false, 'm', 'secret')", rule: "function-write",
      before: "SELECT pg_current_wal_insert_lsn() AS start \\gset",
      after: walHolds("resource_manager = 'LogicalMessage'"),
      plain: .notStopped),
    Escape(
      name: "pg_logical_emit_message as part of the transaction assigns a transaction id",
      statement: "SELECT pg_logical_emit_message(true, 'm', 'secret')", rule: "function-write",
      inside: hasTransactionID, plain: .notStopped),
  ]

  static let locks: [Escape] = [
    Escape(
      name: "LOCK TABLE blocks all others", statement: "LOCK TABLE t IN ACCESS EXCLUSIVE MODE", rule: "lock-table",
      inside: "SELECT count(*) > 0 FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock'",
      plain: .refused("42501")),
    Escape(
      name: "an advisory lock outlives the transaction", statement: "SELECT pg_advisory_lock(7)", rule: "function-lock",
      after: "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
      plain: .notStopped),
    Escape(
      name: "an advisory lock of the transaction blocks others", statement: "SELECT pg_try_advisory_xact_lock(7)",
      rule: "function-lock",
      inside: "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
      plain: .notStopped),
  ]

  static let odds: [Escape] = [
    Escape(
      name: "INSERT into a temporary table that exists", statement: "INSERT INTO scratch VALUES (1)",
      rule: "data-change",
      before: "CREATE TEMP TABLE scratch (a int);", inside: "SELECT count(*) = 1 FROM scratch",
      plain: .refused("42P01")),
    Escape(
      name: "nextval on a temporary sequence", statement: "SELECT nextval('scratch')", rule: "function-write",
      before: "CREATE TEMP SEQUENCE scratch;", inside: "SELECT currval('scratch') = 1", plain: .refused("42P01")),
    Escape(
      name: "txid_current assigns a transaction id", statement: "SELECT txid_current()",
      rule: "function-transaction-id", inside: hasTransactionID,
      plain: .notStopped),
    Escape(
      name: "pg_current_xact_id assigns a transaction id", statement: "SELECT pg_current_xact_id()",
      rule: "function-transaction-id",
      inside: hasTransactionID, plain: .notStopped),
    Escape(
      name: "setseed determines what random() gives", statement: "SELECT setseed(0.25)", rule: "function-session",
      before: "SELECT setseed(0.25); SELECT random() AS number \\gset",
      inside: "SELECT random()::text = :'number'", plain: .notStopped),
    Escape(
      name: "set_limit of pg_trgm changes a setting", statement: "SELECT set_limit(0.9)", rule: "function-session",
      inside: "SELECT show_limit()::text = '0.9'", plain: .notStopped),
    Escape(
      name: "hypopg_create_index changes the plans of the session",
      statement: "SELECT hypopg_create_index('CREATE INDEX ON t (words)')", rule: "function-session",
      after: "SELECT count(*) > 0 FROM hypopg()",
      plain: .notStopped),
    Escape(
      name: "pg_export_snapshot writes a file and holds vacuum back", statement: "SELECT pg_export_snapshot()",
      rule: "function-session",
      inside: "SELECT count(*) > 0 FROM pg_ls_dir('pg_snapshots')", plain: .notStopped),
    Escape(
      name: "pg_prewarm fills the server's memory", statement: "SELECT pg_prewarm('t')", rule: "function-write",
      inside: "SELECT pg_prewarm('t') > 0", plain: .notStopped),
    Escape(
      name: "pg_sleep waits", statement: "SELECT pg_sleep(0.3)", rule: "function-wait",
      inside: "SELECT clock_timestamp() - transaction_timestamp() > '0.3 s'", plain: .notStopped),
  ]

  static let all = mode + transactions + session + messages + locks + odds
}

/// A question for psql: whether the log of changes since `:start` holds a record like this.
func walHolds(_ condition: String) -> String {
  """
  SELECT pg_switch_wal();
  SELECT count(*) > 0 FROM pg_get_wal_records_info(:'start', pg_current_wal_flush_lsn()) WHERE \(condition)
  """
}
