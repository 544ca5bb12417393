// Memory for values that wait for a place of known size, reused from one node to the next.

/// A stack of values. What is on it when it ends is released.
struct Scratch<Element>: ~Copyable {
  private var memory: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    memory = .allocate(capacity: capacity)
  }

  deinit {
    memory.deinitialize(count: count)
    memory.deallocate()
  }

  @inline(__always)
  mutating func push(_ element: consuming Element) {
    if count == capacity { grow() }
    (memory + count).initialize(to: element)
    count &+= 1
  }

  /// Lends the values from a height on.
  @inline(__always)
  func above<Outcome>(_ height: Int, _ use: (UnsafeBufferPointer<Element>) -> Outcome) -> Outcome {
    precondition(height >= 0 && height <= count)
    return use(UnsafeBufferPointer(start: memory + height, count: count - height))
  }

  /// Releases the values from a height on.
  mutating func drop(to height: Int) {
    precondition(height >= 0 && height <= count)
    while count > height {
      count &-= 1
      _ = (memory + count).move()
    }
  }

  /// Moves the values from a height on into memory that has room for them.
  @inline(__always)
  mutating func pop(to height: Int, into place: UnsafeMutablePointer<Element>) {
    precondition(height >= 0 && height <= count)
    place.moveInitialize(from: memory + height, count: count - height)
    count = height
  }

  /// Moves the values from a height on into an array, in order.
  @inline(__always)
  mutating func pop(to height: Int) -> [Element] {
    precondition(height >= 0 && height <= count)
    let first = memory + height
    let number = count - height
    count = height
    switch number {
    // The compiler knows how to allocate literals; for all others the runtime is asked.
    case 0: return []
    case 1: return [first.move()]
    case 2: return [first.move(), (first + 1).move()]
    case 3: return [first.move(), (first + 1).move(), (first + 2).move()]
    case 4: return [first.move(), (first + 1).move(), (first + 2).move(), (first + 3).move()]
    default:
      var elements: [Element] = []
      elements.reserveCapacity(number)
      for index in 0..<number { elements.append((first + index).move()) }
      return elements
    }
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: memory, count: count)
    memory.deallocate()
    memory = larger
    capacity *= 2
  }
}
