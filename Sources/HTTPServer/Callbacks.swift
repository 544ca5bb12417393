// What libmicrohttpd calls on its own threads, translated into calls of our objects.

internal import CMicroHTTPD

/// A connection opens, or is closed: its descriptor right afterwards.
let noteConnection: MHD_NotifyConnectionCallback = { closure, handle, context, code in
  guard let handle, let context, let reception = reception(closure) else { return }
  switch code {
  case .CONNECTION_NOTIFY_STARTED:
    let connection = reception.opened(descriptor(of: handle), from: peer(of: handle))
    context.pointee = Unmanaged.passRetained(connection).toOpaque()
  case .CONNECTION_NOTIFY_CLOSED:
    guard let kept = context.pointee else { return }
    context.pointee = nil
    reception.closed(Unmanaged<OpenConnection>.fromOpaque(kept).takeRetainedValue())
  default: return
  }
}

/// The only place where a request's target can be had as it was sent. What is returned becomes the context of the request,
/// of which we need none: a request that breaks off may never be reported as over, its connection is in any case.
let noteTarget: MHD_NoteTarget = { _, target, handle in
  guard let handle, let target, let connection = connection(of: handle) else { return nil }
  connection.begin(Array(UnsafeRawBufferPointer(start: target, count: strlen(target))))
  // The library is about to take the query apart into the connection's memory, and loses its way when there is not enough
  // (0.9.75 goes on as if it had answered nothing). We need no part of it, so there is none.
  if let query = strchr(target, 0x3F), query[1] != 0 { query[1] = 0 }
  return nil
}

/// Ours is stricter.
let leaveEscaped: MHD_Unescape = { _, _, text in text.map { strlen($0) } ?? 0 }

/// Called when a request's headers are there, for each piece of its body, and whenever an answer is wanted.
let handle: MHD_AccessHandlerCallback = { closure, handle, _, method, version, bytes, count, context in
  guard let handle, let count, let context, let method, let version, let reception = reception(closure),
    let connection = connection(of: handle)
  else { return .NO }
  if context.pointee == nil {
    // Any address that is not nil: the next call is not the first.
    context.pointee = UnsafeMutableRawPointer(handle)
    let arrival = Arrival(
      method: String(cString: method), target: connection.takeTarget(), version: String(cString: version),
      headers: headers(of: handle), headerBytes: headerBytes(of: handle))
    return reception.arrived(arrival, on: connection, handle)
  }
  if count.pointee > 0 {
    defer { count.pointee = 0 }
    return reception.received(UnsafeRawBufferPointer(start: bytes, count: count.pointee), on: connection)
  }
  guard let exchange = connection.exchange else { return .NO }
  let isNew = connection.hasRequest()
  let result = exchange.proceed()
  // The library looks away from now on. Not before: a client who has left already is only missed once there is a handler.
  if isNew { reception.watcher.watch(connection) }
  return result
}

/// A request is over.
let noteCompleted: MHD_RequestCompletedCallback = { _, handle, context, code in
  context?.pointee = nil
  if let handle { connection(of: handle)?.end(isComplete: code == .REQUEST_TERMINATED_COMPLETED_OK) }
}

// MARK: - What the library knows

private func reception(_ closure: UnsafeMutableRawPointer?) -> Reception? {
  closure.map { Unmanaged<Reception>.fromOpaque($0).takeUnretainedValue() }
}

private func connection(of handle: OpaquePointer) -> OpenConnection? {
  MHD_connection_info(handle, .CONNECTION_INFO_SOCKET_CONTEXT)?.pointee.socket_context
    .map { Unmanaged<OpenConnection>.fromOpaque($0).takeUnretainedValue() }
}

private func descriptor(of handle: OpaquePointer) -> Int32 {
  MHD_connection_info(handle, .CONNECTION_INFO_CONNECTION_FD)?.pointee.connect_fd ?? -1
}

private func peer(of handle: OpaquePointer) -> String {
  MHD_connection_info(handle, .CONNECTION_INFO_CLIENT_ADDRESS)?.pointee.client_addr.map { addressText($0) } ?? ""
}

private func headerBytes(of handle: OpaquePointer) -> Int {
  MHD_connection_info(handle, .CONNECTION_INFO_REQUEST_HEADER_SIZE)?.pointee.header_size ?? 0
}

private func headers(of handle: OpaquePointer) -> [Header] {
  var headers: [Header] = []
  withUnsafeMutablePointer(to: &headers) { list in
    _ = MHD_get_connection_values_n(
      handle, .HEADER_KIND,
      { list, _, name, nameSize, value, valueSize in
        list?.assumingMemoryBound(to: [Header].self).pointee
          .append(Header(text(name, nameSize), text(value, valueSize)))
        return .YES
      }, list)
  }
  return headers
}

private func text(_ start: UnsafePointer<CChar>?, _ size: Int) -> String {
  String(decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : size), as: UTF8.self)
}
