// Rows as JSON outside of memory, cut into pages: what a tool answers with, and what waits for the next call.

import Database
import Synchronization

/// A statement's rows. They live as long as somebody holds them.
package struct SpooledRows: Sendable {
  private let spool: Spool
  package let pages: [SpooledPage]

  init(_ rows: StreamedRows, in spool: Spool) {
    self.spool = spool
    var start = 0
    pages = rows.pages.map { page in
      defer { start += page.byteCount }
      return SpooledPage(spool: spool, start: start, byteCount: page.byteCount, rows: page.rows)
    }
  }

  package var byteCount: Int { spool.count }

  /// Takes them out of memory, since they will wait.
  package func settle() throws(GovernedFailure) {
    do throws(DatabaseError) { try spool.settle() } catch { throw GovernedFailure(error) }
  }
}

/// Some of the rows: JSON arrays with commas between them, without brackets around them.
package struct SpooledPage: Sendable, Equatable {
  private let spool: Spool
  private let start: Int
  package let byteCount: Int
  package let rows: Int

  fileprivate init(spool: Spool, start: Int, byteCount: Int, rows: Int) {
    self.spool = spool
    self.start = start
    self.byteCount = byteCount
    self.rows = rows
  }

  /// Fewer behind the end.
  package func bytes(from offset: Int, atMost count: Int) throws(GovernedFailure) -> [UInt8] {
    let end = min(offset + count, byteCount)
    guard offset < end else { return [] }
    do throws(DatabaseError) { return try spool.bytes(in: (start + offset)..<(start + end)) } catch {
      throw GovernedFailure(error)
    }
  }

  package static func == (left: SpooledPage, right: SpooledPage) -> Bool {
    left.spool === right.spool && left.start == right.start && left.byteCount == right.byteCount
  }
}

/// How far a statement's rows have come, for whoever waits.
package final class RowWatch: Sendable {
  private let spool = Mutex<Spool?>(nil)

  package init() {}

  /// Of the rows' JSON.
  package var byteCount: Int { spool.withLock { $0?.count ?? 0 } }

  func begin(_ spool: Spool) { self.spool.withLock { $0 = spool } }
}

extension GovernedFailure {
  /// PostgreSQL's words, or ours.
  init(_ error: DatabaseError) { self.init(error.message, advice: error.advice, sqlState: error.sqlState) }

  init(_ failure: ExecutionFailure) {
    self.init(failure.message, advice: failure.advice, sqlState: failure.sqlState, position: failure.position)
    isOurs = failure.isOurs
    admitted = failure.admitted
  }
}
