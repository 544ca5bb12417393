// Somebody who reads a stream, until he is gone: however that comes about, what he held is let go.

internal import Synchronization

/// Lives as long as the stream that is read from does; its end is the reader's.
final class Reading: Sendable {
  private let end: @Sendable () -> Void

  init(_ end: @escaping @Sendable () -> Void) { self.end = end }

  deinit { end() }

  func during<Value>(_ body: () async -> Value) async -> Value { await body() }

  /// A piece to be taken once.
  func once(_ piece: [UInt8]) -> Once { Once(piece) }

  final class Once: Sendable {
    private let piece: Mutex<[UInt8]?>

    init(_ piece: [UInt8]) { self.piece = Mutex(piece) }

    func take() -> [UInt8]? {
      piece.withLock { piece in
        defer { piece = nil }
        return piece
      }
    }
  }
}
