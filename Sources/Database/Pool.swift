// Lends sessions, one borrower at a time, and cleans each before somebody else gets it.

/// Bounds of a pool.
package struct PoolLimits: Sendable, Equatable {
  /// Sessions at once, lent or idle.
  package var sessions: Int
  /// Borrowers that may wait for one.
  package var waiting: Int
  /// For how long each of them waits.
  package var patience: Duration
  /// For how long a session that nobody wants stays open.
  package var idleTime: Duration
  /// For connecting, and for cleaning.
  package var connectTime: Duration

  package init(
    sessions: Int = 4, waiting: Int = 64, patience: Duration = .seconds(10), idleTime: Duration = .seconds(60),
    connectTime: Duration = .seconds(10)
  ) {
    self.sessions = max(1, sessions)
    self.waiting = max(0, waiting)
    self.patience = patience
    self.idleTime = idleTime
    self.connectTime = connectTime
  }
}

/// How busy a pool is.
package struct PoolUsage: Sendable, Equatable {
  package var idle: Int
  /// Lent, or about to be.
  package var borrowed: Int
  package var waiting: Int
  package var limit: Int
}

/// Sessions with one server as one login, opened when they are needed and kept for a while.
///
/// Whoever borrows gets a session as if it were new: `DISCARD ALL` takes what the one before has left, unless the server was
/// seen to have nothing (`QuietEnding`), and a session that cannot be cleaned, or whose borrower was cancelled, is closed.
/// Sessions for questions of ours alone keep what they have prepared; they are never lent for anything else before that is
/// discarded. Behind a pooler nothing outlives a transaction of ours, and there is nothing to discard.
package actor Pool {
  private struct Idle {
    var session: Session
    var isOurs: Bool
    var since: ContinuousClock.Instant
  }

  private enum Turn: Sendable {
    case granted, tooLate, cancelled, closed
  }

  private struct Waiter {
    var ticket: UInt64
    var until: ContinuousClock.Instant
    var continuation: CheckedContinuation<Turn, Never>
  }

  private let target: ConnectionTarget
  private let limits: PoolLimits
  private let reactor = Reactor()
  /// The one that was used last stands last, and is the first to be lent again.
  private var idle: [Idle] = []
  /// Borrowers that may have a session, whether they have it already or not.
  private var borrowers = 0
  private var waiting: [Waiter] = []
  private var lastTicket: UInt64 = 0
  private var isClosed = false
  private var isSweeping = false
  private var isDismissing = false

  package init(_ target: ConnectionTarget, limits: PoolLimits = PoolLimits()) {
    self.target = target
    self.limits = limits
  }

  /// Sessions that are open and lent to nobody.
  package var idleCount: Int { idle.count }

  package var usage: PoolUsage {
    PoolUsage(idle: idle.count, borrowed: borrowers, waiting: waiting.count, limit: limits.sessions)
  }

  /// Lends a session for as long as `body` runs, which must not keep it.
  /// - Parameter ours: it will be asked questions of ours alone.
  /// - Throws: `.busy` when there are too many borrowers, `.closed`, `.cancelled`, why there is no connection; else what
  ///   `body` throws.
  package func lend<R, Failure: Error>(
    ours: Bool = false, isolation: isolated (any Actor)? = #isolation, _ body: (Session) async throws(Failure) -> R
  ) async throws -> R {
    let session = try await take(ours)
    do {
      let result = try await body(session)
      let wasCancelled = Task.isCancelled
      if ours, await session.isInTransaction {
        // Questions of ours are answered: who has asked them need not wait until their transaction has ended.
        Task { await giveBack(session, wasCancelled: wasCancelled) }
      } else {
        await giveBack(session, wasCancelled: wasCancelled)
      }
      return result
    } catch {
      let isCancelled = (error as? DatabaseError)?.code == .cancelled
      await giveBack(session, wasCancelled: isCancelled || Task.isCancelled)
      throw error
    }
  }

  /// Closes what is idle now, and what is lent when it comes back; who waits is sent away.
  package func close() async {
    isClosed = true
    for waiter in waiting { waiter.continuation.resume(returning: .closed) }
    waiting = []
    let sessions = idle.map(\.session)
    idle = []
    for session in sessions { await session.close() }
  }

  // MARK: - Taking

  private func take(_ ours: Bool) async throws(DatabaseError) -> Session {
    switch await turn() {
    case .granted: break
    case .cancelled: throw DatabaseError.cancelledBeforeStart
    case .closed: throw DatabaseError(code: .closed, message: "the pool is closed")
    case .tooLate:
      throw DatabaseError(
        code: .busy, message: "all \(limits.sessions) sessions are in use",
        advice: "Try again when other statements have ended")
    }
    do throws(DatabaseError) {
      while let last = nextIdle(ours) {
        if await last.session.isUsable(afterIdleSince: last.since, within: limits.connectTime),
          await last.session.devote(toOurs: ours, within: limits.connectTime)
        {
          return last.session
        }
        await last.session.close()
      }
      let session = try await Session.open(target, timeout: limits.connectTime, on: reactor)
      _ = await session.devote(toOurs: ours, within: limits.connectTime)
      return session
    } catch {
      leave()
      throw error
    }
  }

  /// The one used last of its kind; where there is none and no room for another session, one of the other kind.
  private func nextIdle(_ ours: Bool) -> Idle? {
    if let place = idle.lastIndex(where: { $0.isOurs == ours }) { return idle.remove(at: place) }
    // This borrower is counted already.
    return idle.count + borrowers > limits.sessions ? idle.removeFirst() : nil
  }

  /// Waits until fewer than the limit have a session. First come, first served.
  private func turn() async -> Turn {
    if isClosed { return .closed }
    if Task.isCancelled { return .cancelled }
    if borrowers < limits.sessions {
      borrowers += 1
      return .granted
    }
    if waiting.count >= limits.waiting { return .tooLate }
    lastTicket += 1
    let ticket = lastTicket
    dismissLater()
    let until = ContinuousClock.now + limits.patience
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiting.append(Waiter(ticket: ticket, until: until, continuation: $0)) }
    } onCancel: {
      Task { await self.sendAway(ticket, .cancelled) }
    }
  }

  /// One task looks after all who wait: a sleeping one for each would cost more than most waits.
  private func dismissLater() {
    guard !isDismissing else { return }
    isDismissing = true
    let pause = min(.milliseconds(100), max(.milliseconds(1), limits.patience / 4))
    Task { [weak self] in
      repeat { try? await Task.sleep(for: pause) } while await self?.dismiss() ?? false
    }
  }

  /// - Returns: false when nobody waits any more.
  private func dismiss() -> Bool {
    let now = ContinuousClock.now
    for waiter in waiting where waiter.until <= now { sendAway(waiter.ticket, .tooLate) }
    isDismissing = !waiting.isEmpty
    return isDismissing
  }

  private func sendAway(_ ticket: UInt64, _ turn: Turn) {
    guard let position = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
    waiting.remove(at: position).continuation.resume(returning: turn)
  }

  /// Hands the place to the first who waits.
  private func leave() {
    if waiting.isEmpty {
      borrowers -= 1
    } else {
      waiting.removeFirst().continuation.resume(returning: .granted)
    }
  }

  // MARK: - Giving back

  private func giveBack(_ session: Session, wasCancelled: Bool) async {
    let isClean = wasCancelled || isClosed ? false : await session.clean(within: limits.connectTime)
    if isClean && !isClosed {
      idle.append(Idle(session: session, isOurs: await session.isOurs, since: .now))
      sweepLater()
    } else {
      await session.close()
    }
    leave()
  }

  /// One task at a time closes what has been idle for too long; it does not keep the pool alive.
  private func sweepLater() {
    guard !isSweeping, let oldest = idle.first else { return }
    isSweeping = true
    let pause = max(.milliseconds(1), ContinuousClock.now.duration(to: oldest.since + limits.idleTime))
    Task { [weak self] in
      try? await Task.sleep(for: pause)
      await self?.sweep()
    }
  }

  private func sweep() async {
    let latest = ContinuousClock.now - limits.idleTime
    let old = idle.filter { $0.since <= latest }
    idle.removeAll { $0.since <= latest }
    for one in old { await one.session.close() }
    isSweeping = false
    sweepLater()
  }
}
