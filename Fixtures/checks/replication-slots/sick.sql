-- limit: slot-warning-bytes=100000
-- expect: warning replication-slots/planted_slot
SELECT pg_create_physical_replication_slot('planted_slot', true);
SELECT pg_logical_emit_message(false, 'x', repeat('x', 300000));
