// What a statement has done so far, asked in the transaction that it ran in.

/// What was there before the statement.
package struct ChangeStart: Sendable {
  /// The file of each relation of users, by OID.
  package var files: [RelationID: UInt32]
  /// As they were called then.
  package var names: [RelationID: String]
  package var kinds: [RelationID: String]
  fileprivate var counts: [RelationID: ChangeCount]
  fileprivate var position: Int64?
  /// Locks that an earlier statement of the same transaction has taken.
  fileprivate var modes: [RelationID: Set<String>]
}

/// What was there afterwards.
package struct ChangeMeasures: Sendable {
  package struct Relation: Sendable, Decodable {
    package var id: RelationID
    package var schema: String
    package var name: String
    package var kind: String
    package var file: UInt32
    /// As `pg_locks` names them: the session's own that it did not have before.
    package var modes: [String]

    package var qualifiedName: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }
  }

  package struct Change: Sendable {
    package var relation: String
    package var inserted: Int64
    package var updated: Int64
    package var deleted: Int64
  }

  /// Locked by this session, whether they were there before or not; dropped ones without a name.
  package var relations: [Relation]
  /// Rows, by table.
  package var changes: [Change]
  /// Tables that were read from beginning to end.
  package var scanned: [String]
  /// By which the server's WAL has grown; nil where nobody can tell.
  package var walBytes: Int64?
}

private struct ChangeCount: Sendable, Decodable {
  var id: RelationID
  var schema: String
  var name: String
  var scans: Int64
  var inserted: Int64
  var updated: Int64
  var deleted: Int64
}

private struct RelationFile: Decodable {
  let id: RelationID
  let file: UInt32
  let schema: String
  let name: String
  let kind: String
}

extension Session {
  /// Remembers what there is, for `changeMeasures`.
  package func changeStart() async throws(DatabaseError) -> ChangeStart {
    let answers = try await ask([
      .statement(MeasureQuestions.files, []), .statement(MeasureQuestions.counts, []),
      .statement(MeasureQuestions.position, []), .statement(MeasureQuestions.relations, []),
    ])
    let files = try answers[0].decoded(as: RelationFile.self)
    let names = files.map { ($0.id, "\(quotedIdentifier($0.schema)).\(quotedIdentifier($0.name))") }
    let counts = try answers[1].decoded(as: ChangeCount.self).map { ($0.id, $0) }
    return ChangeStart(
      files: Dictionary(files.map { ($0.id, $0.file) }) { first, _ in first },
      names: Dictionary(names) { first, _ in first },
      kinds: Dictionary(files.map { ($0.id, $0.kind) }) { first, _ in first },
      counts: Dictionary(counts) { first, _ in first },
      position: answers[2].text(0, 0).flatMap { Int64($0) },
      modes: Dictionary(
        try answers[3].decoded(as: ChangeMeasures.Relation.self).map { ($0.id, Set($0.modes)) }
      ) { first, _ in first })
  }

  /// What has changed since, in the same transaction.
  package func changeMeasures(since start: ChangeStart) async throws(DatabaseError) -> ChangeMeasures {
    let answers = try await ask([
      .statement(MeasureQuestions.position, []), .statement(MeasureQuestions.relations, []),
      .statement(MeasureQuestions.counts, []),
    ])
    let position = answers[0].text(0, 0).flatMap { Int64($0) }
    var measures = ChangeMeasures(
      relations: try answers[1].decoded(as: ChangeMeasures.Relation.self), changes: [], scanned: [])
    for place in measures.relations.indices {
      let earlier = start.modes[measures.relations[place].id] ?? []
      measures.relations[place].modes.removeAll { earlier.contains($0) }
    }
    for count in try answers[2].decoded(as: ChangeCount.self) {
      let before = start.counts[count.id]
      let name = start.names[count.id] ?? "\(quotedIdentifier(count.schema)).\(quotedIdentifier(count.name))"
      let change = ChangeMeasures.Change(
        relation: name, inserted: count.inserted - (before?.inserted ?? 0),
        updated: count.updated - (before?.updated ?? 0), deleted: count.deleted - (before?.deleted ?? 0))
      if change.inserted + change.updated + change.deleted > 0 { measures.changes.append(change) }
      if count.scans > (before?.scans ?? 0), start.files[count.id] != nil { measures.scanned.append(name) }
    }
    if let position, let before = start.position { measures.walBytes = position - before }
    return measures
  }
}

private enum MeasureQuestions {
  static let files: SQL = """
    SELECT c.oid AS "id", c.relfilenode AS "file", n.nspname AS "schema", c.relname AS "name",
      c.relkind AS "kind"
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'i', 'I', 'v', 'S', 'f')
    ORDER BY c.oid LIMIT 100000
    """

  /// PostgreSQL counts in the session itself until it reports them, which may be some transactions later: what was there
  /// before is subtracted.
  static let counts: SQL = """
    SELECT * FROM (
      SELECT c.oid AS "id", n.nspname AS "schema", c.relname AS "name",
        pg_stat_get_xact_numscans(c.oid) AS "scans", pg_stat_get_xact_tuples_inserted(c.oid) AS "inserted",
        pg_stat_get_xact_tuples_updated(c.oid) AS "updated", pg_stat_get_xact_tuples_deleted(c.oid) AS "deleted"
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 OFFSET 0
    ) AS s
    WHERE s.scans + s.inserted + s.updated + s.deleted > 0
    ORDER BY s.schema, s.name
    LIMIT 10000
    """

  /// A relation that was dropped has its locks still, and no name any more.
  static let relations: SQL = """
    SELECT l.relation AS "id", coalesce(n.nspname, '') AS "schema", coalesce(c.relname, '') AS "name",
      coalesce(c.relkind, '') AS "kind", coalesce(c.relfilenode, 0) AS "file", array_agg(DISTINCT l.mode) AS "modes"
    FROM pg_locks AS l LEFT JOIN pg_class AS c ON c.oid = l.relation
      LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.granted AND l.relation >= 16384
      AND n.nspname IS DISTINCT FROM 'pg_toast'
    GROUP BY l.relation, n.nspname, c.relname, c.relkind, c.relfilenode
    ORDER BY n.nspname, c.relname
    LIMIT 1000
    """

  static let position: SQL = """
    SELECT CASE WHEN NOT pg_is_in_recovery()
      THEN pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint END
    """
}
