// What is put into an outbox, without a server.

import HTTPServer
import Testing

@Suite struct OutboxTests {
  @Test func whatWaitsComesOutAtOnce() async {
    let outbox = Outbox(limit: 10)
    #expect(outbox.put([1, 2]))
    #expect(outbox.put([]))
    #expect(outbox.put([3]))
    var pieces = outbox.pieces.makeAsyncIterator()
    #expect(await pieces.next() == [1, 2, 3])
    outbox.put([4])
    outbox.finish()
    #expect(!outbox.put([5]))
    #expect(await pieces.next() == [4])
    #expect(await pieces.next() == nil)
  }

  @Test func whoWaitsGetsItDirectly() async {
    let outbox = Outbox(limit: 1)
    let taker = Task { () -> [[UInt8]] in
      var pieces: [[UInt8]] = []
      for await piece in outbox.pieces { pieces.append(piece) }
      return pieces
    }
    try? await Task.sleep(for: .milliseconds(5))
    // More than may wait, but it does not wait.
    #expect(outbox.put([1, 2, 3]))
    try? await Task.sleep(for: .milliseconds(5))
    outbox.finish()
    #expect(await taker.value == [[1, 2, 3]])
  }

  @Test func tooMuchEndsIt() async {
    let over = Record<Int>()
    let outbox = Outbox(limit: 3) { over.add(1) }
    #expect(outbox.put([1, 2, 3]))
    #expect(!outbox.put([4]))
    #expect(outbox.isOver)
    #expect(over.count == 1)
    var pieces = outbox.pieces.makeAsyncIterator()
    #expect(await pieces.next() == nil)
    outbox.finish()
    #expect(over.count == 1)
  }

  @Test func aCancelledReaderEndsIt() async {
    let over = Record<Int>()
    let outbox = Outbox(limit: 3) { over.add(1) }
    let reader = Task { for await _ in outbox.pieces {} }
    try? await Task.sleep(for: .milliseconds(5))
    reader.cancel()
    await reader.value
    #expect(outbox.isOver)
    #expect(over.count == 1)
  }
}
