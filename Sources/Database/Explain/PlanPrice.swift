// What a plan costs and which hypothetical indexes it uses, read from EXPLAIN's lines where they lie.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The answer to `Step.price`.
package struct PlanPrice: Sendable, Equatable {
  package var cost: Double
  /// Rows the planner expects the root to return.
  package var rows: Double
  /// Where the root changes rows and returns none: those it expects to change.
  package var changedRows: Double?
  /// Object identifiers of the hypothetical indexes, one for each scan of one.
  package var hypotheticalIndexes: [UInt32] = []
  /// Where the request asked for it.
  package var planningMilliseconds: Double?

  init(cost: Double, rows: Double) {
    self.cost = cost
    self.rows = rows
  }

  /// From a plan in JSON.
  init?(_ summary: PlanSummary) {
    self.init(cost: summary.totalCost, rows: summary.rows)
    hypotheticalIndexes = summary.indexNames.compactMap(Self.identifier)
  }

  /// HypoPG names its indexes `<13556>btree_orders_customer_id`.
  package static func identifier(_ name: String) -> UInt32? {
    guard name.utf8.first == UInt8(ascii: "<"), let end = name.utf8.firstIndex(of: UInt8(ascii: ">")) else {
      return nil
    }
    return UInt32(name[name.utf8.index(after: name.startIndex)..<end])
  }
}

/// Reads `EXPLAIN (FORMAT TEXT)` line by line.
///
/// The root is the first line that ends in its estimates, before anything that foreign text stands in. A literal with a
/// line break can begin a line: requests that could forge the scan of an index so are asked in JSON (`costing`).
struct PlanPriceScanner {
  private(set) var price: PlanPrice?
  private var changes = false

  /// - Parameter line: with a zero byte behind it, as libpq keeps cells.
  mutating func take(_ line: UnsafeRawBufferPointer) {
    guard let start = line.baseAddress, line.count > 0 else { return }
    if price == nil {
      price = Self.estimates(line)
      changes = price != nil && Self.isChange(line)
    } else if changes, price?.changedRows == nil, let child = Self.estimates(line) {
      price?.changedRows = child.rows
    }
    var place = 0
    while place < line.count, line[place] == UInt8(ascii: " ") { place += 1 }
    if Self.continues(line, at: place, with: "->  ") { place += 4 }
    switch place < line.count ? line[place] : 0 {
    case UInt8(ascii: "P"):
      if Self.continues(line, at: place, with: "Planning Time: ") {
        price?.planningMilliseconds = strtod(start.assumingMemoryBound(to: CChar.self) + place + 15, nil)
        return
      }
      guard Self.continues(line, at: place, with: "Parallel Index ") else { return }
    case UInt8(ascii: "I"): guard Self.continues(line, at: place, with: "Index ") else { return }
    case UInt8(ascii: "B"): guard Self.continues(line, at: place, with: "Bitmap Index Scan on ") else { return }
    default: return
    }
    guard let identifier = Self.hypothetical(line, from: place) else { return }
    price?.hypotheticalIndexes.append(identifier)
  }

  /// `… (cost=0.42..8.44 rows=1 width=4)`
  private static func estimates(_ line: UnsafeRawBufferPointer) -> PlanPrice? {
    guard line[line.count - 1] == UInt8(ascii: ")"), let start = line.baseAddress else { return nil }
    var place = line.count - 12
    while place >= 0, !continues(line, at: place, with: "(cost=") { place -= 1 }
    guard place >= 0 else { return nil }
    let text = start.assumingMemoryBound(to: CChar.self)
    place += 6
    while place < line.count, !continues(line, at: place, with: "..") { place += 1 }
    guard place < line.count else { return nil }
    let cost = strtod(text + place + 2, nil)
    while place < line.count, !continues(line, at: place, with: " rows=") { place += 1 }
    guard place < line.count else { return nil }
    return PlanPrice(cost: cost, rows: strtod(text + place + 6, nil))
  }

  /// The number in `using "<13556>btree_…"` or `on "<13556>btree_…"`.
  private static func hypothetical(_ line: UnsafeRawBufferPointer, from first: Int) -> UInt32? {
    var place = first
    while place < line.count, line[place] != UInt8(ascii: "\"") { place += 1 }
    guard continues(line, at: place, with: "\"<"),
      place >= 6 && continues(line, at: place - 6, with: "using ")
        || place >= 3 && continues(line, at: place - 3, with: "on ")
    else { return nil }
    var number: UInt64 = 0
    place += 2
    while place < line.count, case let digit = line[place], digit >= 0x30, digit <= 0x39, number <= 0xffff_ffff {
      number = number * 10 + UInt64(digit - 0x30)
      place += 1
    }
    return place < line.count && line[place] == UInt8(ascii: ">") ? UInt32(exactly: number) : nil
  }

  private static func isChange(_ line: UnsafeRawBufferPointer) -> Bool {
    continues(line, at: 0, with: "Insert on ") || continues(line, at: 0, with: "Update on ")
      || continues(line, at: 0, with: "Delete on ") || continues(line, at: 0, with: "Merge on ")
  }

  private static func continues(_ line: UnsafeRawBufferPointer, at place: Int, with text: StaticString) -> Bool {
    guard place + text.utf8CodeUnitCount <= line.count, let start = line.baseAddress else { return false }
    return memcmp(start + place, text.utf8Start, text.utf8CodeUnitCount) == 0
  }
}
