// What happens to a request until its handler runs: who is let in, and how much of a body.

internal import CMicroHTTPD

/// A request's first part, as the library read it.
struct Arrival {
  let method: String
  let target: [UInt8]
  let version: String
  let headers: [Header]
  let headerBytes: Int
}

/// All on the library's threads.
extension Reception {
  func opened(_ descriptor: Int32, from peer: String) -> OpenConnection {
    boundUnsent(descriptor, to: HTTPServerLimits.unsent)
    let (connection, isOnlyOne) = connections.open(descriptor, from: peer)
    tally.count {
      $0.connections += 1
      $0.openConnections += 1
    }
    if isOnlyOne { watcher.wake() }
    return connection
  }

  func closed(_ connection: OpenConnection) {
    connections.close(connection)
    watcher.forget(connection)
    connection.end(isComplete: false)
    tally.count { $0.openConnections -= 1 }
  }

  /// The headers are there, the body is not. A request without one is refused when the library asks for the answer, and
  /// its connection can be used again; with a body the answer comes at once, and the connection ends with it.
  func arrived(_ arrival: Arrival, on connection: OpenConnection, _ handle: OpaquePointer) -> MHD_Result {
    tally.count { $0.requests += 1 }
    do throws(Refusal) {
      let head = try head(of: arrival, on: connection)
      let exchange = RunningExchange(head.request, on: handle, of: self)
      connection.begin(exchange)
      guard let response = admit(head.request) else {
        if case .bytes(let count) = head.bodyLength, count > limits.body { throw .bodyTooLarge(limits.body) }
        return .YES
      }
      tally.count { $0.refusedByAdmission += 1 }
      if head.bodyLength == .none {
        exchange.refuse(response)
        return .YES
      }
      return refuse(response, on: connection, handle)
    } catch {
      tally.count { if error.isMalformation { $0.malformed += 1 } else { $0.refusedByLimits += 1 } }
      return refuse(error.response, on: connection, handle)
    }
  }

  private func head(of arrival: Arrival, on connection: OpenConnection) throws(Refusal) -> RequestHead {
    if isDraining { throw .closing }
    if connection.isSurplus { throw .tooManyConnections }
    if arrival.headerBytes > limits.headerBytes { throw .headersTooLarge(limits.headerBytes) }
    return try RequestHead(
      method: arrival.method, target: arrival.target, version: arrival.version, headers: arrival.headers,
      peer: connection.peer)
  }

  private func refuse(_ response: Response, on connection: OpenConnection, _ handle: OpaquePointer) -> MHD_Result {
    connection.linger()
    connection.hasRequest()
    return RunningExchange.queue(response, on: handle)
  }

  func received(_ bytes: UnsafeRawBufferPointer, on connection: OpenConnection) -> MHD_Result {
    guard let exchange = connection.exchange else { return .NO }
    guard let refusal = exchange.append(bytes) else {
      return !exchange.isRefused || connection.discard(bytes.count) ? .YES : .NO
    }
    connection.linger()
    // The library takes no answer in the middle of a body. Without TLS it can be written past it: everything before has
    // been sent, and nothing follows. With TLS the rest is read for nobody, within bounds, and answered then.
    if isSecure {
      exchange.refuse(refusal.response)
      return .YES
    }
    sendNow(refusal.bytes, to: connection.descriptor)
    return .NO
  }
}
