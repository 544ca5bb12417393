// The database that a person names as a copy: what must be true of it before anything is built there.

import Advisor
import Database

/// Tells one database from another, whatever names lead to them.
struct DatabaseIdentity: Equatable {
  private let words: [String]

  init(of session: Session) async throws(DatabaseError) {
    words = try await session.rows(Self.question)
  }

  /// No two clusters have started in the same microsecond with the same process at the same port.
  private static let question: SQL = """
    SELECT pg_catalog.concat_ws('/', pg_catalog.pg_postmaster_start_time(),
      pg_catalog.current_setting('port'), d.oid)
    FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
    """
}

enum CopyDatabase {
  /// A session with the copy.
  /// - Parameter mayBeAdvised: the person says that the advised database is itself a copy.
  /// - Throws: where it is a replica, or is the database that was advised on.
  static func open(
    _ target: ConnectionTarget, advised: ConnectionTarget, mayBeAdvised: Bool
  ) async throws(AdviceFailure) -> Session {
    do throws(DatabaseError) {
      let session = try await Session.open(target)
      let refusal = try await refusal(of: session, advised: advised, mayBeAdvised: mayBeAdvised)
      guard let refusal else { return session }
      await session.close()
      throw refusal
    } catch {
      throw AdviceFailure(error)
    }
  }

  private static func refusal(
    of session: Session, advised: ConnectionTarget, mayBeAdvised: Bool
  ) async throws(DatabaseError) -> DatabaseError? {
    if session.server.isInRecovery {
      return DatabaseError(
        code: .unsupported, message: "the copy is a replica: no index can be built on it",
        advice: "Name a database restored from a backup or made with CREATE DATABASE … TEMPLATE")
    }
    if session.server.isPooled {
      return DatabaseError(
        code: .unsupported, message: "a pooler stands before the copy", advice: "Name the server itself")
    }
    if mayBeAdvised { return nil }
    let original = try await Session.open(advised)
    let isSame: Bool
    do throws(DatabaseError) {
      isSame = try await DatabaseIdentity(of: session) == DatabaseIdentity(of: original)
    } catch {
      await original.close()
      throw error
    }
    await original.close()
    return isSame
      ? DatabaseError(
        code: .unsupported, message: "--verify names the database that is advised on",
        advice: "Name a copy of it, or say with --verify-here that it is one")
      : nil
  }
}
