// The owner of libmicrohttpd's answer.

internal import CMicroHTTPD

/// An answer that can be queued. The library counts who else uses it.
struct ResponseHandle: ~Copyable {
  private let pointer: OpaquePointer

  private init(adopting pointer: OpaquePointer) { self.pointer = pointer }

  deinit { MHD_destroy_response(pointer) }

  /// The body is copied.
  static func whole(_ response: Response) -> ResponseHandle? {
    let made = response.body.withUnsafeBytes { bytes in
      MHD_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    return made.flatMap { with(response.headers, ResponseHandle(adopting: $0)) }
  }

  /// The library calls `exchange` for the body, and keeps it until it needs no more.
  static func streamed(_ headers: [Header], from exchange: RunningExchange) -> ResponseHandle? {
    let kept = Unmanaged.passRetained(exchange)
    // The block is for clients that know no chunks; the others' bytes go into the connection's own memory.
    guard let made = MHD_create_response_from_callback(MHD_unknown_size, 1_024, read, kept.toOpaque(), forget) else {
      kept.release()
      return nil
    }
    return with(headers, ResponseHandle(adopting: made))
  }

  /// Nil for headers that could be mistaken for something else.
  private static func with(_ headers: [Header], _ handle: consuming ResponseHandle) -> ResponseHandle? {
    for header in headers {
      // What the library says itself, and what it cannot say.
      if header.isNamed("content-length") || header.isNamed("transfer-encoding") || header.value.isEmpty { continue }
      guard isToken(header.name.utf8), isText(header.value.utf8),
        MHD_add_response_header(handle.pointer, header.name, header.value) == .YES
      else { return nil }
    }
    return handle
  }

  /// For the connection whose turn it is, on its thread.
  borrowing func queue(_ status: Int, on connection: OpaquePointer) -> MHD_Result {
    guard (200...999).contains(status) else { return .NO }
    return MHD_queue_response(connection, UInt32(status), pointer)
  }
}

private let read: MHD_ContentReaderCallback = { closure, _, buffer, size in
  guard let closure, let buffer else { return MHD_end_with_error }
  let exchange = Unmanaged<RunningExchange>.fromOpaque(closure).takeUnretainedValue()
  return exchange.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
}

private let forget: MHD_ContentReaderFreeCallback = { closure in
  if let closure { Unmanaged<RunningExchange>.fromOpaque(closure).release() }
}
