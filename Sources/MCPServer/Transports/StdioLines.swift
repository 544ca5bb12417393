// Lines from one descriptor and to another: read on a thread of their own, written by one writer.

internal import Synchronization

/// What a reading thread hands over.
enum ReadLine: Sendable {
  /// Without its newline; never empty.
  case line([UInt8])
  /// A line beyond the bound: it was skipped.
  case tooLong
}

/// Reads lines on a thread of its own. The thread stops reading while much of what it has read was not taken yet.
final class LineReader: Sendable {
  private let descriptor: StdioDescriptor
  private let longest: Int
  private let untaken = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let isOver = Atomic<Bool>(false)

  init(descriptor: Int32, longest: Int) {
    self.descriptor = StdioDescriptor(number: descriptor)
    self.longest = longest
  }

  /// Ends at the end of the stream, at a read error, and soon after `stop`.
  func lines() -> AsyncStream<ReadLine> {
    let (stream, continuation) = AsyncStream.makeStream(of: ReadLine.self, bufferingPolicy: .unbounded)
    let isStarted = startThread { [self] in
      read(into: continuation)
      isOver.store(true, ordering: .relaxed)
      continuation.finish()
    }
    if !isStarted { continuation.finish() }
    return stream
  }

  /// Whether everything was read that will be.
  var hasEnded: Bool { isOver.load(ordering: .relaxed) }

  /// To be called for each line when it has been dealt with.
  func took(_ line: ReadLine) { untaken.subtract(Self.weight(of: line), ordering: .relaxed) }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private static func weight(of line: ReadLine) -> Int {
    if case .line(let bytes) = line { bytes.count + 64 } else { 64 }
  }

  private func read(into continuation: AsyncStream<ReadLine>.Continuation) {
    var splitter = LineSplitter(longest: longest)
    var chunk = [UInt8](repeating: 0, count: 65_536)
    reading: while !isStopped.load(ordering: .relaxed) {
      // Looks up now and then, since nothing else would wake it after `stop`.
      guard descriptor.isReadable(within: 200), !isStopped.load(ordering: .relaxed) else { continue }
      let count: Int
      switch descriptor.read(into: &chunk) {
      case .bytes(let number): count = number
      case .nothingYet: continue
      case .end: break reading
      }
      for line in splitter.take(chunk[..<count]) {
        untaken.add(Self.weight(of: line), ordering: .relaxed)
        continuation.yield(line)
      }
      while untaken.load(ordering: .relaxed) > 2 * longest, !isStopped.load(ordering: .relaxed) {
        pauseThread(milliseconds: 1)
      }
    }
    // A last line without its newline still is a line.
    if let line = splitter.rest() { continuation.yield(line) }
  }
}

/// Bytes to lines, keeping no more of a line than its bound.
struct LineSplitter {
  private let longest: Int
  private var current: [UInt8] = []
  private var isSkipping = false

  init(longest: Int) { self.longest = longest }

  mutating func take(_ bytes: ArraySlice<UInt8>) -> [ReadLine] {
    var lines: [ReadLine] = []
    var rest = bytes
    while let newline = rest.firstIndex(of: 0x0a) {
      add(rest[..<newline])
      if let line = self.rest() { lines.append(line) }
      rest = rest[(newline + 1)...]
    }
    add(rest)
    return lines
  }

  /// What has come since the last newline; nil for nothing but blanks.
  mutating func rest() -> ReadLine? {
    defer {
      current = []
      isSkipping = false
    }
    if isSkipping { return .tooLong }
    return current.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d } ? nil : .line(current)
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    guard !isSkipping else { return }
    guard current.count + bytes.count <= longest else {
      isSkipping = true
      current = []
      return
    }
    current += bytes
  }
}

/// Writes whole lines, one after the other, in the order in which they come.
actor LineWriter {
  private let descriptor: StdioDescriptor
  private var queue: [(line: Segments, written: CheckedContinuation<Void, Never>)] = []
  private var isWriting = false
  private(set) var isBroken = false
  /// Whether the client may still be there, although it does not read.
  private let isPatient: @Sendable () -> Bool
  private let patience: Duration
  /// What a pipe with any room at all takes without making the writer wait.
  private static let piece = 4_096

  /// - Parameters:
  ///   - patience: how long a client that does not read is waited for when `isPatient` says that it is gone otherwise.
  init(descriptor: Int32, patience: Duration, isPatient: @escaping @Sendable () -> Bool) {
    self.descriptor = StdioDescriptor(number: descriptor)
    self.patience = patience
    self.isPatient = isPatient
  }

  /// Returns when the line is written, or can never be since the reader has left.
  func write(_ message: Segments) async {
    if isWriting {
      return await withCheckedContinuation { queue.append((message, $0)) }
    }
    isWriting = true
    await putLine(message)
    while !queue.isEmpty {
      let next = queue.removeFirst()
      await putLine(next.line)
      next.written.resume()
    }
    isWriting = false
  }

  /// Ends the line even where its message cannot be read to the end: the next one is whole.
  private func putLine(_ message: Segments) async {
    let reader = SegmentReader(message)
    var piece = reader.next() ?? []
    while !isBroken {
      let next = reader.next()
      if next == nil { piece.append(0x0a) }
      await put(piece)
      guard let next else { return }
      piece = next
    }
  }

  private func put(_ bytes: [UInt8]) async {
    var rest = bytes[...]
    var deadline: ContinuousClock.Instant?
    while !rest.isEmpty, !isBroken {
      guard descriptor.isWritable(within: 0) else {
        if !isPatient() {
          let end = deadline ?? .now + patience
          if .now >= end { isBroken = true }
          deadline = end
        }
        await waitOnThread()
        continue
      }
      deadline = nil
      switch descriptor.write(rest.prefix(Self.piece)) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .nothingYet: break
      case .end: isBroken = true
      }
    }
  }

  /// Until there is room. Looks up now and then, in case the client has given up meanwhile.
  private func waitOnThread() async {
    let descriptor = descriptor
    await withCheckedContinuation { continuation in
      let isStarted = startThread {
        _ = descriptor.isWritable(within: 100)
        continuation.resume()
      }
      if !isStarted { continuation.resume() }
    }
  }
}
