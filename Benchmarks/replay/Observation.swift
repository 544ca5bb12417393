// What a statement may have changed: looked at before and after.

import Foundation

@testable import Database

/// One look at everything a read must not change, as comparable texts by name.
struct Observation: Sendable {
  private(set) var marks: [String: String] = [:]

  /// - Parameters:
  ///   - session: where the statement runs; asked only while its transaction is usable.
  ///   - observer: another superuser session.
  ///   - sentinel: a session that nobody may end.
  init(_ session: RawSession, observer: RawSession, sentinel: RawSession, places: [String]) {
    look(at: session, with: Self.ownQuestion, ["settings", "role", "prepared", "cursors", "listening"])
    lookAtLocks(of: session)
    look(
      at: observer, with: Self.sharedQuestion,
      ["transactions", "configuration", "slots", "origins", "objects", "resets"])
    look(at: observer, with: Self.sequenceQuestion, ["sequences"])
    marks["notifications"] = observer.takeNotifications() ? "some" : ""
    marks["sentinel"] = sentinel.run("SELECT 1").ran ? "there" : "gone"
    marks["files"] = places.map(Self.listing).joined(separator: "\n")
  }

  /// What differs, in a word for each; a mark that one of the two lacks says nothing.
  func changes(to later: Observation) -> [String] {
    marks.keys.sorted().filter { key in
      guard let before = marks[key], let after = later.marks[key] else { return false }
      if key == "locks" || key == "changes" {
        return !Set(after.split(separator: ",")).isSubset(of: Set(before.split(separator: ",")))
      }
      if key == "notifications" { return after == "some" }
      return before != after
    }
  }

  private mutating func look(at session: RawSession, with question: String, _ names: [String]) {
    guard !session.hasFailed else { return }
    let outcome = session.run(question)
    guard outcome.ran else { return }
    for (place, name) in names.enumerated() { marks[name] = outcome.rows.text(0, place) ?? "" }
  }

  /// Locks that a plain read does not take (`RowExclusiveLock` is what looking at a sequence's last value takes), the
  /// transaction ids that were assigned, also of subtransactions, and sequences that nobody else sees yet.
  private mutating func lookAtLocks(of session: RawSession) {
    look(at: session, with: Self.lockQuestion, ["locks", "changes", "own sequences"])
  }

  private static let ownQuestion = """
    SELECT (SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat(name, '=', setting, source), ','))
        FROM pg_catalog.pg_settings),
      pg_catalog.concat(session_user, '/', current_user, '/', pg_catalog.current_setting('role')),
      (SELECT pg_catalog.string_agg(name, ',') FROM pg_catalog.pg_prepared_statements),
      (SELECT pg_catalog.string_agg(name, ',') FROM pg_catalog.pg_cursors),
      (SELECT pg_catalog.string_agg(c, ',') FROM pg_catalog.pg_listening_channels() AS c)
    """

  private static let lockQuestion = """
    SELECT pg_catalog.string_agg(pg_catalog.concat_ws('/', locktype, mode, relation, classid, objid, objsubid), ',')
        FILTER (WHERE locktype OPERATOR(pg_catalog.<>) 'transactionid'
          AND mode OPERATOR(pg_catalog.<>) ALL ('{AccessShareLock,RowExclusiveLock,SIReadLock}'::pg_catalog.text[])),
      pg_catalog.string_agg(transactionid::pg_catalog.text, ',')
        FILTER (WHERE mode OPERATOR(pg_catalog.=) 'ExclusiveLock'),
      CASE WHEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user) THEN (
        SELECT pg_catalog.string_agg(pg_catalog.concat(oid, '=', pg_catalog.pg_sequence_last_value(oid)), ',')
        FROM pg_catalog.pg_class WHERE relkind OPERATOR(pg_catalog.=) 'S'
          AND NOT pg_catalog.pg_is_other_temp_schema(relnamespace))
      END
    FROM pg_catalog.pg_locks WHERE pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
      AND locktype OPERATOR(pg_catalog.<>) 'virtualxid'
    """

  private static let sharedQuestion = """
    SELECT pg_snapshot_xmax(pg_current_snapshot()), concat(pg_conf_load_time(), pg_postmaster_start_time()),
      (SELECT string_agg(concat(slot_name, restart_lsn, confirmed_flush_lsn), ',') FROM pg_replication_slots),
      (SELECT count(*) FROM pg_replication_origin), (SELECT count(*) FROM pg_largeobject_metadata),
      concat((SELECT max(stats_reset) FROM pg_stat_database), (SELECT max(stats_reset) FROM pg_stat_bgwriter),
        (SELECT max(stats_reset) FROM pg_stat_archiver), (SELECT max(stats_reset) FROM pg_stat_slru))
    """

  /// Fails where somebody holds a lock on a sequence; then nothing is known of them.
  private static let sequenceQuestion = """
    SELECT md5(string_agg(concat(oid, '=', pg_sequence_last_value(oid)), ',' ORDER BY oid)) FROM pg_class
    WHERE relkind = 'S' AND relpersistence <> 't'
    """

  private static func listing(of place: String) -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.filter { !$0.hasPrefix("pgsql_tmp") }.sorted().joined(separator: ",")
  }
}
