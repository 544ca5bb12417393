// Leaf pages of a B-tree as CREATE INDEX fills them: tuples with lists of row addresses, page by page.

/// Tuples of keys that are about as frequent, and the pages they fill. Follows `_bt_load`, `_bt_dedup_save_htid` and
/// `_bt_buildadd` of PostgreSQL 13 and later.
struct LeafTuples {
  /// All of them, with their line pointers.
  private(set) var bytes: Double
  private(set) var count: Double
  /// What a page holds when it is full, without the tuple that goes on to the next page.
  private let filled: Double

  /// Pages, fractions included.
  var pages: Double { bytes / filled }

  /// One tuple for each row.
  static func single(_ rows: Double, tuple: Double, isEven: Bool) -> LeafTuples {
    let bytes = tuple + pointer
    let filled = isEven ? (full / bytes).rounded(.down) * bytes : full - bytes / 2
    return LeafTuples(bytes: rows * bytes, count: rows, filled: max(filled, bytes))
  }

  /// Equal keys share a tuple, up to 808 bytes with the list of their rows; the next list repeats the key.
  static func lists(_ keys: KeyRepetition, tuple: Double) -> LeafTuples {
    let capacity = max(2, ((808 - tuple) / 6).rounded(.down))
    return keys.rate > 40
      ? many(keys, tuple: tuple, capacity: capacity) : few(keys, tuple: tuple, capacity: capacity)
  }

  // MARK: - Tuples

  private static let pointer = 4.0

  private static func bytes(_ rows: Double, tuple: Double) -> Double {
    (rows < 2 ? tuple : tuple + (rows * 6 / 8).rounded(.up) * 8) + pointer
  }

  private static func few(_ keys: KeyRepetition, tuple: Double, capacity: Double) -> LeafTuples {
    var bytes = 0.0
    var squares = 0.0
    var count = 0.0
    var probability = exponential(-keys.rate) * keys.rate
    let last = Int(keys.rate + 10 * keys.rate.squareRoot() + 10)
    for rows in 1...last {
      var rest = Double(rows)
      while rest > 0 {
        let one = Self.bytes(min(rest, capacity), tuple: tuple)
        bytes += probability * one
        squares += probability * one * one
        count += probability
        rest -= capacity
      }
      probability *= keys.rate / Double(rows + 1)
    }
    // A page is full by what its last tuple takes without its list.
    let filled = full - tuple - pointer + squares / (2 * bytes)
    return LeafTuples(bytes: keys.keys * bytes, count: keys.keys * count, filled: min(filled, most - squares / bytes))
  }

  /// How many rows the keys have spreads as chance spreads it; some pages are filled step by step.
  private static func many(_ keys: KeyRepetition, tuple: Double, capacity: Double) -> LeafTuples {
    var page = Page()
    var bytes = 0.0
    var count = 0.0
    var drawn = 0.0
    var numbers = SeededNumbers(seed: 17)
    while drawn < 30 || (page.finished < 80 && drawn < 300) {
      // Four even numbers together are near enough to a normal one.
      let place = ((0..<4).reduce(0.0) { sum, _ in sum + numbers.fraction() } - 2) * 1.732
      var rest = max(1, (keys.rate + place * keys.rate.squareRoot()).rounded())
      // Very frequent keys fill pages of their own, all alike.
      let skipped = max(0, (rest / capacity).rounded(.down) - 40)
      bytes += skipped * Self.bytes(capacity, tuple: tuple)
      count += skipped
      rest -= skipped * capacity
      while rest > 0 {
        let one = Self.bytes(min(rest, capacity), tuple: tuple)
        page.add(one, list: rest < 2 ? 0 : one - tuple - pointer)
        bytes += one
        count += 1
        rest -= capacity
      }
      drawn += 1
    }
    return LeafTuples(bytes: bytes * keys.keys / drawn, count: count * keys.keys / drawn, filled: page.filled)
  }

  // MARK: - Pages

  /// A leaf is finished when less than a tenth is left; header, special space and two line pointers taken off.
  private static let full = 8_144.0 - 819
  /// What fits beside the address of a row that the high key may need.
  private static let most = 8_140.0

  /// The tuple that was last on a page becomes its high key and moves on to the next one.
  private struct Page {
    private(set) var finished = 0.0
    private var sum = 0.0
    private var last = 0.0
    private var lastList = 0.0
    private var onPage = 0
    private var moved = 0.0

    var filled: Double { finished > 0 ? moved / finished : full }

    mutating func add(_ bytes: Double, list: Double) {
      if onPage > 1, sum + bytes > most || sum - lastList > full {
        finished += 1
        moved += sum - last
        sum = last
        onPage = 1
      }
      sum += bytes
      last = bytes
      lastList = list
      onPage += 1
    }
  }
}
