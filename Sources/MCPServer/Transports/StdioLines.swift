// Lines from one descriptor and to another, by a thread that waits so that no task has to.

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What a reading thread hands over.
enum ReadLine: Sendable {
  /// Without its newline; never empty.
  case line([UInt8])
  /// A line beyond the bound: it was skipped.
  case tooLong
}

/// Reads lines on a thread of its own. The thread stops reading while much of what it has read was not taken yet.
final class LineReader: Sendable {
  private let descriptor: Int32
  private let longest: Int
  private let untaken = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)

  init(descriptor: Int32, longest: Int) {
    self.descriptor = descriptor
    self.longest = longest
  }

  /// Ends at the end of the stream, at a read error, and soon after `stop`.
  func lines() -> AsyncStream<ReadLine> {
    let (stream, continuation) = AsyncStream.makeStream(of: ReadLine.self, bufferingPolicy: .unbounded)
    let isStarted = startThread { [self] in
      read(into: continuation)
      continuation.finish()
    }
    if !isStarted { continuation.finish() }
    return stream
  }

  /// To be called for each line when it has been dealt with.
  func took(_ line: ReadLine) { untaken.subtract(Self.weight(of: line), ordering: .relaxed) }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private static func weight(of line: ReadLine) -> Int {
    if case .line(let bytes) = line { bytes.count + 64 } else { 64 }
  }

  private func read(into continuation: AsyncStream<ReadLine>.Continuation) {
    var splitter = LineSplitter(longest: longest)
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while !isStopped.load(ordering: .relaxed) {
      // Looks up now and then, since nothing else would wake it after `stop`.
      guard waitUntil(descriptor, POLLIN, milliseconds: 200) else { continue }
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
      #else
        let count = Darwin.read(descriptor, &chunk, chunk.count)
      #endif
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count > 0 else { break }
      for line in splitter.take(chunk[..<count]) {
        untaken.add(Self.weight(of: line), ordering: .relaxed)
        continuation.yield(line)
      }
      while untaken.load(ordering: .relaxed) > 2 * longest, !isStopped.load(ordering: .relaxed) { usleep(1_000) }
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
  private let descriptor: Int32
  private var queue: [(line: [UInt8], written: CheckedContinuation<Void, Never>)] = []
  private var isWriting = false
  private(set) var isBroken = false
  /// What a pipe with any room at all takes without making the writer wait.
  private static let piece = 4_096

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Returns when the line is written, or can never be since the reader has left.
  func write(_ message: [UInt8]) async {
    var line = message
    line.append(0x0a)
    if isWriting {
      return await withCheckedContinuation { queue.append((line, $0)) }
    }
    isWriting = true
    await put(line)
    while !queue.isEmpty {
      let next = queue.removeFirst()
      await put(next.line)
      next.written.resume()
    }
    isWriting = false
  }

  private func put(_ line: [UInt8]) async {
    var rest = line[...]
    while !rest.isEmpty, !isBroken {
      guard waitUntil(descriptor, POLLOUT, milliseconds: 0) else {
        await waitOnThread()
        continue
      }
      let piece = rest.prefix(Self.piece)
      #if canImport(Glibc)
        let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      #else
        let count = piece.withUnsafeBytes { Darwin.write(descriptor, $0.baseAddress, $0.count) }
      #endif
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR && errno != EAGAIN {
        isBroken = true
      }
    }
  }

  /// Until there is room. Looks up now and then, in case the descriptor was closed beside it.
  private func waitOnThread() async {
    let descriptor = descriptor
    await withCheckedContinuation { continuation in
      let isStarted = startThread {
        _ = waitUntil(descriptor, POLLOUT, milliseconds: 1_000)
        continuation.resume()
      }
      if !isStarted { continuation.resume() }
    }
  }
}

/// Whether the descriptor is ready, or will fail at once.
private func waitUntil(_ descriptor: Int32, _ event: Int32, milliseconds: Int32) -> Bool {
  var waited = pollfd(fd: descriptor, events: Int16(event), revents: 0)
  return poll(&waited, 1, milliseconds) > 0
}

/// False: there was no thread to be had.
private func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let box = Unmanaged.passRetained(ThreadBody(body))
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let failure = pthread_create(
    &thread, nil,
    { argument in
      #if canImport(Darwin)
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      #else
        if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
      #endif
      return nil
    }, box.toOpaque())
  guard failure == 0 else {
    box.release()
    return false
  }
  #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
  #else
    pthread_detach(thread)
  #endif
  return true
}

private final class ThreadBody: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func run() { body() }
}
