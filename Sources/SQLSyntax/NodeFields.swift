// What a node is asked for.

extension Node {
  /// Only the fields that are set: protobuf leaves out zero, false, empty and absent ones.
  package var fields: NodeFields { NodeFields(self) }

  package subscript(_ name: Field) -> Value? { find(name) { $0 } }

  /// The child node in a field, or nil.
  package func child(_ name: Field) -> Node? {
    find(name) { if case .node(let node) = $0 { node } else { nil } }
  }

  /// The nodes in a repeated field; a field that holds one `List` node gives its items.
  package func children(_ name: Field) -> [Node] {
    find(name) { value in
      switch value {
      case .list(let nodes): nodes
      case .node(let node): node.kind == .list ? node.children(.items) : [node]
      default: nil
      }
    } ?? []
  }

  /// A string field; empty when absent, as in protobuf.
  package func text(_ name: Field) -> String {
    find(name) { if case .text(let text) = $0 { text } else { nil } } ?? ""
  }

  package func integer(_ name: Field) -> Int {
    find(name) { if case .integer(let value) = $0 { Int(value) } else { nil } } ?? 0
  }

  package func flag(_ name: Field) -> Bool {
    find(name) { if case .flag(let value) = $0 { value } else { nil } } ?? false
  }

  package func symbol(_ name: Field) -> Symbol? {
    find(name) { if case .symbol(let value) = $0 { value } else { nil } }
  }

  /// Every direct child, in field order.
  package var allChildren: [Node] {
    var found: [Node] = []
    for field in fields {
      switch field.value {
      case .node(let node): found.append(node)
      case .list(let nodes): found.append(contentsOf: nodes)
      default: continue
      }
    }
    return found
  }

  /// What `pick` makes of a field's value where it lies: nothing is retained that is not handed out.
  @inline(__always)
  private func find<Outcome>(_ name: Field, _ pick: (NodeValue) -> Outcome?) -> Outcome? {
    withFields { fields in
      for index in 0..<fields.count where fields[index].name == name { return pick(fields[index].value) }
      return nil
    }
  }
}

/// The fields of a node in order.
package struct NodeFields: RandomAccessCollection, Sendable {
  /// The collection's own would ask three questions for each field.
  package struct Iterator: IteratorProtocol {
    private let node: Node
    private var index = 0

    fileprivate init(_ node: Node) { self.node = node }

    package mutating func next() -> (name: Field, value: NodeValue)? {
      let here = index
      index += 1
      return node.withFields { fields in
        here < fields.count ? (fields[here].name, fields[here].value) : nil
      }
    }
  }

  private let node: Node
  package let endIndex: Int

  init(_ node: Node) {
    self.node = node
    endIndex = node.withFields { $0.count }
  }

  package var startIndex: Int { 0 }

  package subscript(_ index: Int) -> (name: Field, value: NodeValue) {
    precondition(index >= 0 && index < endIndex)
    return node.withFields { ($0[index].name, $0[index].value) }
  }

  package func makeIterator() -> Iterator { Iterator(node) }
}
