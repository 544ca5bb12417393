// How a request becomes libpq's messages.

internal import CLibPQ

extension Request {
  /// C strings end at a zero byte; what stands behind one would be lost without a word.
  var holdsZeroByte: Bool {
    switch self {
    case .step(.statement(_, let values)), .kept(_, let values): values.contains { $0?.holdsZeroByte == true }
    case .step(.plan(let request)), .step(.price(let request)), .prepare(let request), .stream(let request, _, _, _):
      request.holdsZeroByte
    case .step(.boundary), .describe: false
    }
  }

  var wantsPrice: Bool { if case .step(.price) = self { true } else { false } }

  var byteCount: Int {
    switch self {
    case .step(.statement(let statement, let values)), .kept(let statement, let values):
      values.reduce(statement.byteCount) { $0 + ($1?.utf8.count ?? 0) }
    case .step(.plan(let request)), .step(.price(let request)), .prepare(let request), .stream(let request, _, _, _):
      request.byteCount
    case .step(.boundary), .describe: 0
    }
  }

  /// Holds text that is not ours.
  var isForeign: Bool {
    switch self {
    case .step(.statement), .kept, .step(.boundary), .describe: false
    case .step(.plan), .step(.price), .prepare, .stream: true
    }
  }

  /// What is asked in words of ours.
  var question: SQL? {
    switch self {
    case .step(.statement(let statement, _)), .kept(let statement, _): statement
    default: nil
    }
  }

  private var values: [String?] {
    switch self {
    case .step(.statement(_, let values)), .kept(_, let values): values
    default: []
    }
  }

  var isKept: Bool { if case .kept = self { true } else { false } }

  /// Puts a prepared question into libpq's buffer.
  func send(as name: String, on connection: borrowing Connection) -> Bool {
    let pointer = connection.pointer
    return withOptionalCStrings(values) { values, count in
      PQsendQueryPrepared(pointer, name, count, values, nil, nil, 0) == 1
    }
  }

  /// Puts a question into libpq's buffer as its text.
  func send(_ question: JoinedQuestion, on connection: borrowing Connection) -> Bool {
    let pointer = connection.pointer
    return withOptionalCStrings(values) { values, count in
      PQsendQueryParams(pointer, question.text, count, nil, values, nil, nil, 0) == 1
    }
  }

  /// Puts a request that is no question into libpq's buffer. False: libpq would not take it.
  func send(on connection: borrowing Connection) -> Bool {
    let pointer = connection.pointer
    switch self {
    case .step(.plan(let request)), .step(.price(let request)), .stream(let request, _, _, _):
      if request.parameters.isEmpty {
        return PQsendQueryParams(pointer, request.command, 0, nil, nil, nil, nil, 0) == 1
      }
      return withOptionalCStrings(request.parameters.map(\.value)) { values, count in
        let types = request.parameters.map(\.typeID)
        return PQsendQueryParams(pointer, request.command, count, types, values, nil, nil, 0) == 1
      }
    case .prepare(let request):
      let types = request.parameters.map(\.typeID)
      return PQsendPrepare(pointer, "", request.command, Int32(types.count), types) == 1
    case .describe:
      return PQsendDescribePrepared(pointer, "") == 1
    case .step(.statement), .kept, .step(.boundary):
      return false
    }
  }
}

/// Lends strings as a list of C strings, nil as NULL.
private func withOptionalCStrings<R>(
  _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?, Int32) -> R
) -> R {
  if strings.isEmpty { return body(nil, 0) }
  var bytes: [UInt8] = []
  var offsets: [Int?] = []
  bytes.reserveCapacity(strings.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
  for string in strings {
    guard let string else {
      offsets.append(nil)
      continue
    }
    offsets.append(bytes.count)
    bytes.append(contentsOf: string.utf8)
    bytes.append(0)
  }
  return bytes.withUnsafeBytes { bytes in
    let characters = bytes.bindMemory(to: CChar.self)
    let pointers = offsets.map { offset in offset.flatMap { start in characters.baseAddress.map { $0 + start } } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress, Int32(strings.count)) }
  }
}
