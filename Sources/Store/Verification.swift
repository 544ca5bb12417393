// Whether the records are those that were written: none edited, removed, reordered or cut off.

internal import Cryptography

package struct Verification: Sendable, Equatable {
  package enum Fault: Sendable, Equatable {
    /// The record or its link is not what was written there: edited, or put there from elsewhere.
    case changed(Int64)
    /// Numbers from … to … are not there.
    case missing(Int64, Int64)
    /// The books know of records up to here, and behind the first number there are none.
    case cutOff(after: Int64, head: Int64)
    /// Records behind the last one that the books know.
    case added(after: Int64)
    /// The head, or where retention has cut, was not put down by whoever has the key.
    case books
    /// The books say that records were retired, and no record does; or another one.
    case retired(Int64)
    /// A head that was kept elsewhere is none of this chain's.
    case otherHead(Int64)
  }

  /// How many records there are, and the first and last of them.
  package var records = 0
  package var first: Int64?
  package var last: Int64?
  package var head: ChainHead
  package var retired: ChainHead
  /// The first `StoreLimits.faults` of them.
  package var faults: [Fault] = []
  package var more = 0
  /// Heads kept elsewhere that retention has left behind: nothing can be said of them.
  package var tooOld: [ChainHead] = []

  package var isSound: Bool { faults.isEmpty }

  private mutating func found(_ fault: Fault, _ limits: StoreLimits) {
    if faults.count < limits.faults { faults.append(fault) } else { more += 1 }
  }

  /// Reads everything, a page at a time.
  /// - Parameters:
  ///   - heads: that somebody has kept elsewhere.
  ///   - cut: where a record says that retention has cut.
  ///   - reporting: how many records are behind us.
  package static func of(
    _ store: any AuditStore, heads: [ChainHead] = [], limits: StoreLimits = StoreLimits(),
    cut: (AuditEntry) -> ChainHead?, reporting: (Int) -> Void = { _ in }
  ) async throws(StoreError) -> Verification {
    // Before the records: others may write meanwhile, and what they add comes behind this head.
    var reading = Reading(try await store.books(), store.chain, heads, limits)
    while !reading.isBehindHead {
      let page = try await store.entries(after: reading.place.number)
      if page.isEmpty { break }
      for entry in page where !reading.isBehindHead { reading.take(entry, cut) }
      reporting(reading.result.records)
    }
    // Nobody has added anything, and there is something behind the head.
    let isAdded = reading.isBehindHead ? try await store.books().head == reading.books.head : false
    return reading.ended(isAdded: isAdded)
  }

  /// How far a verification has come.
  private struct Reading {
    let books: AuditBooks
    private let chain: Chain
    private let limits: StoreLimits
    var result: Verification
    /// Behind the last record that was read.
    private(set) var place: ChainHead
    private(set) var isBehindHead = false
    private var wanted: [Int64: [ChainHead]] = [:]
    private var retirement: ChainHead?

    init(_ books: AuditBooks, _ chain: Chain, _ heads: [ChainHead], _ limits: StoreLimits) {
      (self.books, self.chain, self.limits) = (books, chain, limits)
      result = Verification(head: books.head, retired: books.retired)
      place = books.retired
      let isSealed = isEqualInConstantTime(books.seal, chain.seal(books.head, retired: books.retired))
      if !isSealed || place.number == 0 && place != chain.origin { result.found(.books, limits) }
      result.tooOld = heads.filter { $0.number < books.retired.number }
      for head in heads where head.number >= books.retired.number { wanted[head.number, default: []].append(head) }
      compare()
    }

    /// With heads that were kept elsewhere.
    private mutating func compare() {
      for kept in wanted.removeValue(forKey: place.number) ?? [] where kept != place {
        result.found(.otherHead(kept.number), limits)
      }
    }

    mutating func take(_ entry: AuditEntry, _ cut: (AuditEntry) -> ChainHead?) {
      guard entry.number <= books.head.number else {
        isBehindHead = true
        return
      }
      if entry.number != place.number + 1 {
        // Behind a gap nothing is known of what this link was made from.
        result.found(.missing(place.number + 1, entry.number - 1), limits)
      } else if chain.next(after: place, entry.record).link != entry.link {
        result.found(.changed(entry.number), limits)
      }
      place = ChainHead(number: entry.number, link: entry.link)
      compare()
      retirement = cut(entry) ?? retirement
      result.records += 1
      result.first = result.first ?? entry.number
      result.last = entry.number
    }

    consuming func ended(isAdded: Bool) -> Verification {
      if place.number < books.head.number {
        result.found(.cutOff(after: place.number, head: books.head.number), limits)
      } else if place != books.head {
        result.found(.changed(place.number), limits)
      }
      if isAdded { result.found(.added(after: books.head.number), limits) }
      if books.retired.number > 0, retirement != books.retired { result.found(.retired(books.retired.number), limits) }
      for head in wanted.keys.sorted() { result.found(.otherHead(head), limits) }
      return result
    }
  }
}
