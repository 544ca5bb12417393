// The door: a server that listens, answers, and ends in good order.

internal import Synchronization

/// Listens until it is drained or let go of. Everything a client can do is bounded by its limits.
package final class HTTPServer: Sendable {
  package let port: UInt16
  private let reception: Reception
  private let daemon: Mutex<Daemon?>
  private let isStopped = Atomic(false)

  /// - Parameters:
  ///   - host: an address or a name of this machine: `127.0.0.1`, `::1`, `localhost`, `0.0.0.0`, `::`.
  ///   - port: 0 takes a free one.
  ///   - tls: without it nothing is encrypted.
  ///   - admit: sees each request before its body is read.
  package static func start(
    host: String, port: UInt16, tls: TLSIdentity? = nil, limits: HTTPServerLimits = HTTPServerLimits(),
    admit: @escaping Admit = { _ in nil }, handler: @escaping Handler
  ) throws(HTTPServerError) -> HTTPServer {
    // Besides the connections, the process has files, and sessions with databases.
    raiseDescriptorLimit(to: limits.connections + HTTPServerLimits.surplus + 512)
    let listener = try Listener.open(host: host, port: port)
    let bound = listener.port
    let reception = Reception(limits: limits, isSecure: tls != nil, admit: admit, handler: handler)
    guard reception.watcher.start() else {
      throw HTTPServerError(code: .cannotStart, message: "the HTTP server does not start: no threads are left")
    }
    do {
      return HTTPServer(bound, reception, try Daemon.start(listener, identity: tls, for: reception))
    } catch {
      reception.watcher.stop()
      throw error
    }
  }

  private init(_ port: UInt16, _ reception: Reception, _ daemon: consuming sending Daemon) {
    self.port = port
    self.reception = reception
    self.daemon = Mutex(daemon)
  }

  deinit {
    _ = reception.beginToDrain()
    stop()
  }

  package var statistics: HTTPServerStatistics { reception.tally.now }

  /// Refuses what comes from now on, and gives what runs `time` to end. Then handlers are cancelled and answered for, and
  /// streams end as if they had been over; whoever knows which streams nobody ends should end them before. Afterwards the
  /// server is stopped.
  package func drain(within time: Duration) async {
    guard reception.beginToDrain() else { return await waitUntilStopped() }
    daemon.withLock { $0?.stopListening() }
    await wait(for: time)
    reception.beginToStop()
    await wait(for: HTTPServerLimits.lastWords)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let end: @Sendable () -> Void = { [self] in
        stop()
        continuation.resume()
      }
      // It waits for threads, which no thread of a task should.
      if !detachThread(end) { end() }
    }
  }

  /// Until nothing runs any more.
  private func wait(for time: Duration) async {
    let deadline = ContinuousClock.now + time
    while reception.hasExchanges, ContinuousClock.now < deadline, !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  private func waitUntilStopped() async {
    while !isStopped.load(ordering: .acquiring), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
  }

  private func stop() {
    daemon.withLock { daemon in
      guard daemon != nil else { return }
      reception.beginToStop()
      daemon = nil
    }
    reception.watcher.stop()
    isStopped.store(true, ordering: .releasing)
  }
}
