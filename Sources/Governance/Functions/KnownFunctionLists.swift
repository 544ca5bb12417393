// The exceptions by name, and the extensions whose functions were looked at one by one.

extension KnownFunctions {
  static let examinedExtensions: Set<String> = [
    "adminpack", "amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink", "dict_int",
    "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "hstore", "hypopg", "insert_username", "intagg",
    "intarray", "isn", "lo", "ltree", "moddatetime", "old_snapshot", "pageinspect", "pg_buffercache",
    "pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_surgery", "pg_trgm", "pg_visibility", "pg_walinspect",
    "pgcrypto", "pgrowlocks", "pgstattuple", "plpgsql", "postgres_fdw", "refint", "seg", "sslinfo", "tablefunc", "tcn",
    "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "xml2",
  ]

  /// VOLATILE and harmless.
  static let harmless: Set<String> = [
    "amvalidate", "clock_timestamp", "current_query", "currtid2", "currval", "gen_random_uuid", "lastval", "lo_close",
    "lo_get", "lo_lseek", "lo_lseek64", "lo_tell", "lo_tell64", "loread", "pg_backend_pid", "pg_blocking_pids",
    "pg_collation_actual_version", "pg_control_checkpoint", "pg_control_init", "pg_control_recovery",
    "pg_control_system", "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn",
    "pg_database_collation_actual_version", "pg_database_size", "pg_get_multixact_members",
    "pg_get_wal_replay_pause_state", "pg_get_wal_resource_managers", "pg_indexes_size", "pg_is_in_recovery",
    "pg_is_wal_replay_paused", "pg_isolation_test_session_is_blocked", "pg_jit_available", "pg_last_committed_xact",
    "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp", "pg_lock_status",
    "pg_notification_queue_usage", "pg_partition_ancestors", "pg_partition_tree", "pg_prepared_xact",
    "pg_relation_size", "pg_safe_snapshot_blocking_pids", "pg_sequence_last_value", "pg_stat_get_recovery_prefetch",
    "pg_stat_have_stats",
    "pg_table_size", "pg_tablespace_size", "pg_total_relation_size", "pg_xact_commit_timestamp",
    "pg_xact_commit_timestamp_origin", "pg_xact_status", "random", "timeofday", "timezone", "txid_status",
    // From 16, 17 and 18.
    "array_sample", "array_shuffle", "random_normal", "uuidv4", "uuidv7", "pg_get_wait_events",
    "pg_available_wal_summaries", "pg_wal_summary_contents", "pg_get_wal_summarizer_state", "pg_stat_get_io",
    "pg_get_loaded_modules", "pg_get_sequence_data",
    // Extensions.
    "dblink_current_query", "dblink_error_message", "dblink_get_connections", "dblink_get_pkey", "dblink_is_busy",
    "hypopg_get_indexdef", "hypopg_relation_size", "pg_old_snapshot_time_mapping", "heap_tuple_infomask_flags",
    "pg_stat_statements_info", "gen_random_bytes", "gen_salt", "pgp_pub_encrypt", "pgp_pub_encrypt_bytea",
    "pgp_sym_encrypt", "pgp_sym_encrypt_bytea", "postgres_fdw_get_connections", "normal_rand", "uuid_generate_v1",
    "uuid_generate_v1mc", "uuid_generate_v4", "ssl_cipher", "ssl_client_cert_present", "ssl_client_dn",
    "ssl_client_dn_field", "ssl_client_serial", "ssl_extension_info", "ssl_is_used", "ssl_issuer_dn",
    "ssl_issuer_field", "ssl_version", "hypopg",
  ]

  /// Names whose effect is what matters, however they are labelled.
  static let listed: [String: FunctionEffect] = {
    var table: [String: FunctionEffect] = [:]
    for (effect, names) in groups {
      for name in names { table[name] = effect }
    }
    return table
  }()

  static let prefixes: [(String, FunctionEffect)] = [
    ("pg_advisory_", .lock), ("pg_try_advisory_", .lock), ("pg_sleep", .wait), ("binary_upgrade_", .server),
    ("query_to_xml", .sqlText), ("cursor_to_xml", .sqlText), ("table_to_xml", .sqlText), ("schema_to_xml", .sqlText),
    ("database_to_xml", .sqlText), ("crosstab", .sqlText), ("dblink_build_sql_", .sqlText), ("RI_FKey_", .notCallable),
    ("brin_summarize", .write), ("brin_desummarize", .write), ("pg_replication_origin_", .server),
    ("gist_page_", .rawData), ("hash_page_", .rawData), ("bt_page_", .rawData), ("brin_page_", .rawData),
    ("pg_logical_slot_", .server), ("postgres_fdw_disconnect", .session),
  ]

  private static let groups: [(FunctionEffect, [String])] = [
    (
      .sensitive,
      [
        "current_setting", "pg_show_all_settings", "pg_stat_get_activity", "pg_stat_get_backend_activity", "pg_cursor",
        "pg_prepared_statement", "pg_stat_statements", "pg_get_functiondef", "pg_get_viewdef",
      ]
    ),
    (
      .write,
      [
        "nextval", "setval", "lo_create", "lo_creat", "lo_from_bytea", "lo_put", "lo_unlink", "lo_truncate",
        "lo_truncate64", "lowrite", "lo_open", "pg_notify", "pg_logical_emit_message", "gin_clean_pending_list",
        "pg_prewarm", "pg_nextoid",
      ]
    ),
    (.transactionID, ["txid_current", "pg_current_xact_id"]),
    (.ddl, ["pg_import_system_collations", "pg_extension_config_dump"]),
    (
      .session,
      [
        "set_config", "setseed", "set_limit", "isn_weak", "hypopg_create_index", "hypopg_drop_index", "hypopg_reset",
        "hypopg_reset_index", "hypopg_hide_index", "hypopg_unhide_index", "hypopg_unhide_all_indexes",
        "pg_export_snapshot", "pg_stat_clear_snapshot", "pg_stat_force_next_flush", "pg_trgm_set_limit",
      ]
    ),
    (.sqlText, ["ts_stat", "connectby", "xpath_table"]),
    (
      .chosenCode,
      [
        "domain_in", "domain_recv", "record_in", "record_recv", "array_in", "array_recv", "range_in", "range_recv",
        "multirange_in", "multirange_recv", "pg_input_is_valid", "pg_input_error_info", "any_in", "anyarray_in",
        "anycompatiblearray_in", "anyrange_in", "anycompatiblerange_in", "anymultirange_in",
        "anycompatiblemultirange_in", "int2vectorrecv", "oidvectorrecv", "satisfies_hash_partition",
      ]
    ),
    (
      .rawData,
      [
        "pg_mcv_list_items", "get_raw_page", "heap_page_items", "heap_page_item_attrs", "tuple_data_split", "bt_metap",
        "brin_metapage_info", "brin_revmap_data", "fsm_page_contents", "gin_leafpage_items", "gin_metapage_info",
        "gin_page_opaque_info", "hash_bitmap_info", "hash_metapage_info", "page_checksum", "page_header", "pgrowlocks",
      ]
    ),
    (.file, ["lo_import", "lo_export", "pg_file_rename", "pg_read_file_old", "pg_rotate_logfile_old"]),
    (
      .network,
      [
        "dblink", "dblink_cancel_query", "dblink_close", "dblink_connect", "dblink_connect_u", "dblink_disconnect",
        "dblink_exec", "dblink_fetch", "dblink_get_notify", "dblink_get_result", "dblink_open", "dblink_send_query",
        "xslt_process",
      ]
    ),
    (
      .server,
      [
        "pg_cancel_backend", "pg_terminate_backend", "pg_copy_logical_replication_slot",
        "pg_copy_physical_replication_slot", "pg_create_logical_replication_slot",
        "pg_create_physical_replication_slot", "pg_drop_replication_slot", "pg_replication_slot_advance",
        "pg_sync_replication_slots", "pg_log_standby_snapshot", "pg_stat_reset_backend_stats", "pg_ls_summariesdir",
        "pg_get_aios", "pg_restore_relation_stats", "pg_restore_attribute_stats", "pg_clear_relation_stats",
        "pg_clear_attribute_stats", "pg_restore_extended_stats", "pg_clear_extended_stats", "autoprewarm_dump_now",
        "autoprewarm_start_worker", "pg_stop_making_pinned_objects",
      ]
    ),
    (
      .notCallable,
      [
        "suppress_redundant_updates_trigger", "tsvector_update_trigger", "tsvector_update_trigger_column",
        "unique_key_recheck", "lo_manage", "autoinc", "insert_username", "moddatetime", "check_foreign_key",
        "check_primary_key", "triggered_change_notification", "plpgsql_call_handler", "plpgsql_inline_handler",
      ]
    ),
  ]
}
