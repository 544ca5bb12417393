// What a node is asked for.

extension Node {
  /// Only the fields that are set: protobuf leaves out zero, false, empty and absent ones.
  package var fields: NodeFields { NodeFields(self) }

  package subscript(_ name: Field) -> Value? {
    withFields { fields in
      for index in 0..<fields.count where fields[index].name == name { return fields[index].value }
      return nil
    }
  }

  /// The child node in a field, or nil.
  package func child(_ name: Field) -> Node? {
    if case .node(let node) = self[name] { node } else { nil }
  }

  /// The nodes in a repeated field; a field that holds one `List` node gives its items.
  package func children(_ name: Field) -> [Node] {
    switch self[name] {
    case .list(let nodes): nodes
    case .node(let node): node.kind == .list ? node.children(.items) : [node]
    default: []
    }
  }

  /// A string field; empty when absent, as in protobuf.
  package func text(_ name: Field) -> String {
    if case .text(let text) = self[name] { text } else { "" }
  }

  package func integer(_ name: Field) -> Int {
    if case .integer(let value) = self[name] { Int(value) } else { 0 }
  }

  package func flag(_ name: Field) -> Bool {
    if case .flag(let value) = self[name] { value } else { false }
  }

  package func symbol(_ name: Field) -> Symbol? {
    if case .symbol(let value) = self[name] { value } else { nil }
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
}

/// The fields of a node in order.
package struct NodeFields: RandomAccessCollection, Sendable {
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
}
