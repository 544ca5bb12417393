// Tables that are made once and only read from then on.

/// Rules that the decoder looks up for every byte or two: an array would be retained and released each time. Never freed:
/// there is one schema for each linked library.
struct Table<Element: Sendable>: @unchecked Sendable, RandomAccessCollection {
  private let elements: UnsafeBufferPointer<Element>

  init(_ elements: [Element]) {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = memory.initialize(from: elements)
    self.elements = UnsafeBufferPointer(memory)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { elements.count }

  @inline(__always)
  subscript(_ index: Int) -> Element {
    precondition(index >= 0 && index < elements.count)
    return elements[index]
  }
}
