// Somebody who reads a log, piece by piece, until he is gone: however that comes about, what he held is let go.

internal import Synchronization

/// Lives as long as the stream that is read from does; its end is the reader's.
final class Reading: Sendable {
  private let log: EventLog
  private let reader: UInt64
  private let end: @Sendable () -> Void
  /// What is left of the frame that was taken last.
  private let frame: Mutex<SegmentReader?>

  /// - Parameters:
  ///   - first: what comes before the log's first frame.
  ///   - end: called once, when nobody reads any more.
  init(_ log: EventLog, as reader: UInt64, first: [UInt8]? = nil, _ end: @escaping @Sendable () -> Void) {
    self.log = log
    self.reader = reader
    self.end = end
    frame = Mutex(first.map { SegmentReader(Segments([.bytes($0)])) })
  }

  deinit {
    log.detach(reader)
    end()
  }

  /// Nil at the end of the log.
  func next() async -> [UInt8]? {
    while true {
      if let piece = frame.withLock({ $0?.next() }) { return piece }
      guard let following = await log.next(for: reader) else { return nil }
      frame.withLock { $0 = SegmentReader(following) }
    }
  }

  var pieces: AsyncStream<[UInt8]> { AsyncStream { await self.next() } }
}
