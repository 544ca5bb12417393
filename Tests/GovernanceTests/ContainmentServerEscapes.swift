// What a READ ONLY transaction lets through, second part: large objects, files, network, maintenance, replication, statistics.

private let hasTransactionID = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
private let hasEscaped = "SELECT to_regclass('public.escaped') IS NOT NULL"
private let hasFile = "SELECT (pg_stat_file('escaped', true)).size IS NOT NULL"
private let noFile = "DO $$ BEGIN PERFORM pg_file_unlink('escaped'); EXCEPTION WHEN OTHERS THEN NULL; END $$;"

/// From 16 on, functions that change large objects refuse.
private let noLargeObjects = (major: 16, state: "25006")
private let object = "SELECT lo_create(4711); SELECT lo_put(4711, 0, 'abc');"

enum ServerEscapes {
  private static func largeObject(
    _ name: String, _ statement: String, rule: String = "function-write", before: String = object, inside: String,
    plain: Escape.PlainRole = .refused("42501")
  ) -> Escape {
    Escape(
      name: name, statement: statement, rule: rule, before: before, inside: inside, refusedFrom: noLargeObjects,
      plain: plain)
  }

  static let largeObjects: [Escape] = [
    largeObject(
      "lo_create makes a large object", "SELECT lo_create(4712)", before: "", inside: hasTransactionID,
      plain: .notStopped),
    largeObject(
      "lo_creat makes a large object", "SELECT lo_creat(-1)", before: "", inside: hasTransactionID, plain: .notStopped),
    largeObject(
      "lo_from_bytea makes a large object", "SELECT lo_from_bytea(4713, 'abc')", before: "", inside: hasTransactionID,
      plain: .notStopped),
    largeObject(
      "lo_put changes a large object", "SELECT lo_put(4711, 0, 'xyz')", inside: "SELECT lo_get(4711) = 'xyz'"),
    largeObject(
      "lo_unlink removes a large object", "SELECT lo_unlink(4711)",
      inside: "SELECT count(*) = 0 FROM pg_largeobject_metadata WHERE oid = 4711"),
    largeObject(
      "lo_truncate changes a large object", "SELECT lo_truncate(lo_open(4711, 131072), 1)",
      inside: "SELECT lo_get(4711) = 'a'"),
    largeObject(
      "lowrite changes a large object", "SELECT lowrite(lo_open(4711, 131072), 'xyz')",
      inside: "SELECT lo_get(4711) = 'xyz'"),
    largeObject(
      "lo_import reads a file of the server", "SELECT lo_import('PG_VERSION', 4714)", rule: "function-file", before: "",
      inside: "SELECT length(lo_get(4714)) > 0"),
  ]

  static let files: [Escape] = [
    Escape(
      name: "lo_export writes a file of the server", statement: "SELECT lo_export(4711, 'escaped')",
      rule: "function-file", before: object,
      after: hasFile, cleanup: noFile, plain: .refused("42501")),
    Escape(
      name: "COPY TO writes a file of the server", statement: "COPY (SELECT 1) TO '{data}/escaped'", rule: "copy-file",
      after: hasFile,
      cleanup: noFile, plain: .refused("42501")),
    Escape(
      name: "COPY TO PROGRAM runs a program", statement: "COPY (SELECT 1) TO PROGRAM 'cat > {data}/escaped'",
      rule: "copy-program",
      after: hasFile, cleanup: noFile, plain: .refused("42501")),
    Escape(
      name: "pg_file_write writes a file of the server", statement: "SELECT pg_file_write('escaped', 'x', false)",
      rule: "function-restricted",
      after: hasFile, cleanup: noFile, plain: .refused("42501")),
    Escape(
      name: "pg_file_rename moves a file of the server", statement: "SELECT pg_file_rename('escaping', 'escaped')",
      rule: "function-file",
      before: "SELECT pg_file_write('escaping', 'x', false);", after: hasFile, cleanup: noFile,
      plain: .refused("42501")),
    Escape(
      name: "pg_file_unlink removes a file of the server", statement: "SELECT pg_file_unlink('escaping')",
      rule: "function-restricted",
      before: "SELECT pg_file_write('escaping', 'x', false);",
      after: "SELECT (pg_stat_file('escaping', true)).size IS NULL", plain: .refused("42501")),
  ]

  static let network: [Escape] = [
    Escape(
      name: "dblink_exec writes on another session",
      statement: "SELECT dblink_exec('{server}', 'CREATE TABLE escaped ()')", rule: "function-network",
      after: hasEscaped, plain: .refused("2F003")),
    Escape(
      name: "dblink writes on another session",
      statement: "SELECT * FROM dblink('{server}', 'CREATE TABLE escaped ()') AS d(a text)", rule: "function-network",
      after: hasEscaped,
      plain: .refused("2F003")),
    Escape(
      name: "a SELECT from a foreign table runs a writing function on the other side", statement: "SELECT * FROM far",
      rule: "relation-code",
      before: """
        CREATE TABLE seen ();
        CREATE FUNCTION see() RETURNS int LANGUAGE sql SET search_path = public
          AS 'INSERT INTO seen DEFAULT VALUES; SELECT 1';
        CREATE VIEW near AS SELECT see() AS a;
        SELECT format('CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname %L, host %L)',
          current_database(), split_part(current_setting('unix_socket_directories'), ',', 1)) \\gexec
        CREATE USER MAPPING FOR postgres SERVER loop;
        CREATE FOREIGN TABLE far (a int) SERVER loop OPTIONS (table_name 'near');
        """, frame: .committed, after: "SELECT count(*) > 0 FROM seen", plain: .refused("42501")),
  ]

  static let maintenance: [Escape] = [
    Escape(
      name: "ANALYZE changes statistics", statement: "ANALYZE t", rule: "maintenance", inside: hasTransactionID,
      plain: .notStopped),
    Escape(
      name: "CLUSTER rewrites a table", statement: "CLUSTER t USING t_pkey", rule: "maintenance",
      inside: hasTransactionID,
      plain: .refused("42501")),
    Escape(
      name: "REINDEX rebuilds an index", statement: "REINDEX TABLE t", rule: "maintenance", inside: hasTransactionID,
      plain: .refused("42501")),
    Escape(
      name: "CHECKPOINT makes the server write", statement: "CHECKPOINT", rule: "maintenance",
      before: "SELECT checkpoint_lsn AS start FROM pg_control_checkpoint() \\gset",
      inside: "SELECT checkpoint_lsn > :'start' FROM pg_control_checkpoint()", plain: .refused("42501")),
    Escape(
      name: "brin_summarize_new_values changes an index", statement: "SELECT brin_summarize_new_values('ranges')",
      rule: "function-write",
      before: """
        CREATE TABLE long AS SELECT g AS a FROM generate_series(1, 10) AS g;
        CREATE INDEX ranges ON long USING brin (a) WITH (pages_per_range = 1);
        INSERT INTO long SELECT generate_series(1, 10000);
        """, inside: "SELECT brin_summarize_new_values('ranges') = 0", plain: .refused("42501")),
    Escape(
      name: "gin_clean_pending_list changes an index", statement: "SELECT gin_clean_pending_list('lists')",
      rule: "function-write",
      before: """
        CREATE TABLE lists_of (a int[]);
        CREATE INDEX lists ON lists_of USING gin (a) WITH (fastupdate = on);
        INSERT INTO lists_of SELECT ARRAY[g] FROM generate_series(1, 100) AS g;
        """, inside: "SELECT gin_clean_pending_list('lists') = 0", plain: .refused("42501")),
    Escape(
      name: "VACUUM runs where only default_transaction_read_only is on", statement: "VACUUM (ANALYZE) t",
      rule: "maintenance",
      frame: .sessionDefault, after: "SELECT reltuples = 100 FROM pg_class WHERE oid = 't'::regclass",
      plain: .notStopped),
    Escape(
      name: "ALTER SYSTEM runs where only default_transaction_read_only is on",
      statement: "ALTER SYSTEM SET work_mem = '5MB'", rule: "cluster", frame: .sessionDefault,
      after: "SELECT count(*) > 0 FROM pg_file_settings WHERE name = 'work_mem'",
      cleanup: "ALTER SYSTEM RESET work_mem;", plain: .refused("42501")),
    Escape(
      name: "CALL of a procedure commits and then writes where only default_transaction_read_only is on",
      statement: "CALL runaway()", rule: "opaque-code",
      before: """
        CREATE PROCEDURE runaway() LANGUAGE plpgsql AS $$
        BEGIN COMMIT; SET TRANSACTION READ WRITE; CREATE TABLE public.escaped (); END $$;
        """, frame: .sessionDefault, after: hasEscaped, plain: .refused("42501")),
    Escape(
      name: "DO commits and then writes where only default_transaction_read_only is on",
      statement: "DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; CREATE TABLE public.escaped (); END $$",
      rule: "opaque-code",
      frame: .sessionDefault, after: hasEscaped, plain: .refused("42501")),
    Escape(
      name: "pg_import_system_collations makes catalog rows", statement: "SELECT pg_import_system_collations('public')",
      rule: "function-ddl",
      inside: hasTransactionID, plain: .refused("42501")),
    Escape(
      name: "heap_force_kill destroys a row, for ever", statement: "SELECT heap_force_kill('t', ARRAY['(0,1)']::tid[])",
      rule: "function-restricted",
      after: "SET enable_indexscan = off; SET enable_indexonlyscan = off; SELECT count(*) = 99 FROM t",
      plain: .refused("42501")),
    Escape(
      name: "heap_force_freeze changes a row, for ever",
      statement: "SELECT heap_force_freeze('t', ARRAY['(0,2)']::tid[])", rule: "function-restricted",
      after: "SELECT xmin::text = '2' FROM t WHERE id = 2",
      plain: .refused("42501")),
    Escape(
      name: "pg_truncate_visibility_map removes a map", statement: "SELECT pg_truncate_visibility_map('t')",
      rule: "function-restricted",
      before: "VACUUM t;", after: "SELECT all_visible = 0 FROM pg_visibility_map_summary('t')", plain: .refused("42501")
    ),
  ]

  static let all =
    largeObjects + files + network + maintenance + ReplicationEscapes.all + TextEscapes.all
}
