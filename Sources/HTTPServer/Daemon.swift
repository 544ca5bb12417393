// The owner of libmicrohttpd's daemon: threads that wait for sockets and call us.

internal import CMicroHTTPD

/// Stopped with the value. Nothing may be suspended then: the library would end the process.
struct Daemon: ~Copyable, Sendable {
  private let address: UInt
  private let listener: Listener
  /// Lent to the library, which calls back with it.
  private let reception: UInt

  private var pointer: OpaquePointer? { OpaquePointer(bitPattern: address) }

  private init(address: UInt, listener: consuming Listener, reception: UInt) {
    self.address = address
    self.listener = listener
    self.reception = reception
  }

  deinit {
    stopListening()
    // Waits for its threads, which never wait for us.
    MHD_stop_daemon(pointer)
    if let kept = UnsafeRawPointer(bitPattern: reception) { Unmanaged<Reception>.fromOpaque(kept).release() }
  }

  /// The library lets go of the socket, which stays open until its threads have ended: one may be about to use it.
  borrowing func stopListening() {
    _ = MHD_quiesce_daemon(pointer)
    listener.stopListening()
  }

  static func start(
    _ listener: consuming Listener, identity: TLSIdentity?, for reception: Reception
  ) throws(HTTPServerError) -> Daemon {
    let kept = Unmanaged.passRetained(reception)
    var options = options(reception.limits, listener.descriptor)
    // Never epoll: that of 0.9.75 forgets connections when exactly 128 of them are ready at once.
    var flags = MHD_USE_POLL_INTERNAL_THREAD.rawValue | MHD_USE_SUSPEND_RESUME.rawValue
    if identity != nil { flags |= MHD_USE_TLS.rawValue }
    let start = { (options: inout DaemonOptions) in
      options.withItems {
        MHD_start_daemon_with(
          flags, $0, handle, noteConnection, noteTarget, leaveEscaped, noteCompleted, kept.toOpaque())
      }
    }
    guard let daemon = identity?.add(to: &options, start) ?? (identity == nil ? start(&options) : nil) else {
      kept.release()
      throw HTTPServerError(
        code: .cannotStart, message: "the HTTP server does not start: no memory, threads or descriptors are left")
    }
    return Daemon(
      address: UInt(bitPattern: daemon), listener: listener, reception: UInt(bitPattern: kept.toOpaque()))
  }

  private static func options(
    _ limits: HTTPServerLimits, _ listener: Int32
  ) -> DaemonOptions {
    var options = DaemonOptions()
    options.add(.LISTEN_SOCKET, Int(listener))
    // A pool of one is no pool, says the library.
    if limits.threads > 1 { options.add(.THREAD_POOL_SIZE, limits.threads) }
    options.add(.CONNECTION_LIMIT, limits.connections + HTTPServerLimits.surplus)
    options.add(.CONNECTION_MEMORY_LIMIT, limits.connectionMemory)
    options.add(.CONNECTION_TIMEOUT, limits.idleSeconds)
    return options
  }
}
