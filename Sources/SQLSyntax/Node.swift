// One node of a parse tree: PostgreSQL's own node kinds and field names, immutable, shareable between tasks.

/// What a field of a node holds.
package enum NodeValue: Sendable {
  case node(Node)
  case list([Node])
  case text(String)
  case integer(Int64)
  case number(Double)
  case flag(Bool)
  /// An enumeration constant, by PostgreSQL's own name.
  case symbol(Symbol)
}

/// A node of PostgreSQL's raw parse tree. `NodeKind`, `Field` and `Symbol` are generated from libpg_query's schema.
///
/// Beside libpg_query's own work allocating and releasing is most of what a tree costs. Therefore a node with all its
/// fields is one allocation, and the names and numbers that every second node is, `.string` and `.integer`, are none.
/// A node's memory is written once, before anybody else can see it; therefore the unchecked conformance.
package struct Node: @unchecked Sendable {
  package typealias Value = NodeValue

  private enum Form {
    case body(NodeBody)
    /// A `.string` with nothing but `.sval`.
    case string(String)
    /// An `.integer` with nothing but `.ival`.
    case integer(Int64)
    /// Any kind, without fields.
    case empty(NodeKind)
  }

  private let form: Form

  package init(_ kind: NodeKind, _ fields: [(name: Field, value: Value)]) {
    let slots = fields.map { NodeField(value: $0.value, name: $0.name) }
    self = slots.withUnsafeBufferPointer { slots in
      Node(leaf: kind, slots)
        ?? Node(kind, fieldCount: slots.count) { place in
          for index in slots.indices { (place + index).initialize(to: slots[index]) }
        }
    }
  }

  /// Nil if a node of these fields needs memory of its own.
  @inline(__always)
  init?(leaf kind: NodeKind, _ fields: UnsafeBufferPointer<NodeField>) {
    guard fields.count <= 1 else { return nil }
    guard fields.count == 1 else {
      form = .empty(kind)
      return
    }
    switch (kind, fields[0].name, fields[0].value) {
    case (.string, .sval, .text(let text)): form = .string(text)
    case (.integer, .ival, .integer(let number)): form = .integer(number)
    default: return nil
    }
  }

  /// - Parameter fill: initializes the memory of exactly `fieldCount` fields.
  @inline(__always)
  init(_ kind: NodeKind, fieldCount: Int, _ fill: (UnsafeMutablePointer<NodeField>) -> Void) {
    let buffer = NodeBody.create(minimumCapacity: fieldCount) { _ in
      NodeHead(kind: kind, fieldCount: UInt32(fieldCount))
    }
    buffer.withUnsafeMutablePointerToElements(fill)
    form = .body(unsafeDowncast(buffer, to: NodeBody.self))
  }

  package var kind: NodeKind {
    switch form {
    case .body(let body): body.withUnsafeMutablePointerToHeader { $0.pointee.kind }
    case .string: .string
    case .integer: .integer
    case .empty(let kind): kind
    }
  }

  /// The same for a node and its copies, and for no other node as long as there is one of them. Nil for nodes that are
  /// no more than their value, which have no place in the text either.
  package var identity: ObjectIdentifier? {
    if case .body(let body) = form { ObjectIdentifier(body) } else { nil }
  }

  fileprivate func isOne(with other: Node) -> Bool {
    switch (form, other.form) {
    case (.body(let mine), .body(let their)): mine === their
    case (.string(let mine), .string(let their)): mine.utf8.elementsEqual(their.utf8)
    case (.integer(let mine), .integer(let their)): mine == their
    case (.empty(let mine), .empty(let their)): mine == their
    default: false
    }
  }

  /// Lends the fields where they lie.
  @inline(__always)
  func withFields<Outcome>(_ use: (UnsafeBufferPointer<NodeField>) -> Outcome) -> Outcome {
    switch form {
    case .body(let body):
      return body.withUnsafeMutablePointers { head, fields in
        use(UnsafeBufferPointer(start: fields, count: Int(head.pointee.fieldCount)))
      }
    case .string(let text): return Self.lend(NodeField(value: .text(text), name: .sval), use)
    case .integer(let number): return Self.lend(NodeField(value: .integer(number), name: .ival), use)
    case .empty: return use(UnsafeBufferPointer(start: nil, count: 0))
    }
  }

  private static func lend<Outcome>(_ field: NodeField, _ use: (UnsafeBufferPointer<NodeField>) -> Outcome) -> Outcome {
    withUnsafePointer(to: field) { use(UnsafeBufferPointer(start: $0, count: 1)) }
  }
}

/// Whether two nodes are one, or have no identity and the same value.
package func === (left: Node?, right: Node?) -> Bool {
  guard let left, let right else { return (left?.kind, right?.kind) == (nil, nil) }
  return left.isOne(with: right)
}

package func !== (left: Node?, right: Node?) -> Bool { !(left === right) }

/// The memory of a node.
private final class NodeBody: ManagedBuffer<NodeHead, NodeField> {
  deinit {
    withUnsafeMutablePointers { head, fields in
      // One by one: for several at once the runtime is asked how, which takes three times as long.
      for index in 0..<Int(head.pointee.fieldCount) { _ = (fields + index).move() }
    }
  }
}

/// What a node's memory begins with.
private struct NodeHead {
  let kind: NodeKind
  let fieldCount: UInt32
}

/// A field of a node as it lies in memory: with the value first it takes three words, not four.
struct NodeField {
  let value: NodeValue
  let name: Field
}
