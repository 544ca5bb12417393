// Drives the conversation on one connection.

internal import CLibPQ
import Synchronization

/// One connection and how to ask on it. One exchange at a time; its owner sees to that.
///
/// An exchange begins on the caller's thread and goes on on the reactor's, one after the other, hence the lock.
final class Wire: Sendable {
  private let conversation: Mutex<Conversation>
  private let reactor: Reactor
  let canceller: Canceller

  init(_ connection: consuming Connection, on reactor: Reactor) {
    let canceller = Canceller(for: connection)
    self.canceller = canceller
    self.reactor = reactor
    conversation = Mutex(Conversation(on: connection, canceller: canceller))
  }

  /// Whether a transaction block is open, or was before it failed.
  var isInTransaction: Bool {
    conversation.withLock { PQtransactionStatus($0.connection.pointer) != PQTRANS_IDLE }
  }

  /// A statement of the open transaction has failed, so that nothing else can be done in it.
  var hasFailedTransaction: Bool {
    conversation.withLock { PQtransactionStatus($0.connection.pointer) == PQTRANS_INERROR }
  }

  /// Nothing comes unasked but last words, the end, and now and then a changed setting: whoever lends the connection
  /// takes another one in all three cases.
  var hasHungUp: Bool {
    conversation.withLock { $0.connection.isBroken || isReadable(PQsocket($0.connection.pointer)) }
  }

  /// Without a pooler in between this process answers.
  var backendProcess: Int32 { conversation.withLock { PQbackendPID($0.connection.pointer) } }

  /// As `server_version_num`.
  var serverVersion: Int { conversation.withLock { Int(PQserverVersion($0.connection.pointer)) } }

  /// A pooler stands between.
  func waitAtBoundaries() { conversation.withLock { $0.waitsAtBoundaries = true } }

  /// Whether all questions of ours are prepared from now on.
  func prepares(_ prepares: Bool) { conversation.withLock { $0.preparesAll = prepares } }

  /// Sends everything and returns one answer for each request, in order.
  /// - Throws: only when the connection is lost or the deadline has passed; then nothing else can be asked any more.
  func exchange(
    _ requests: [Request], until deadline: ContinuousClock.Instant? = nil, isolation: isolated (any Actor)? = #isolation
  ) async throws(DatabaseError) -> [Result<Answer, DatabaseError>] {
    conversation.withLock { $0.begin(requests, until: deadline) }
    return try await drive()
  }

  /// Sends one statement by the simple protocol.
  func exchangeSimply(
    _ command: String, isolation: isolated (any Actor)? = #isolation
  ) async throws(DatabaseError) -> Result<Answer, DatabaseError> {
    if canceller.isRequested { return .failure(.cancelledBeforeStart) }
    conversation.withLock { $0.begin(simple: command) }
    return try await drive()[0]
  }

  private func drive(
    isolation: isolated (any Actor)? = #isolation
  ) async throws(DatabaseError) -> [Result<Answer, DatabaseError>] {
    let (socket, need) = conversation.withLock { (PQsocket($0.connection.pointer), $0.advance()) }
    if let need {
      await reactor.drive(socket, from: need) { [self] wakeup in conversation.withLock { $0.advance(wakeup) } }
    }
    return try conversation.withLock { (conversation) throws(DatabaseError) in try conversation.outcome() }
  }
}
