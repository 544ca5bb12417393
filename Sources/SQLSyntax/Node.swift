// One node of a parse tree: PostgreSQL's own node kinds and field names, immutable, shareable between tasks.

/// A node of PostgreSQL's raw parse tree. `NodeKind`, `Field` and `Symbol` are generated from libpg_query's schema.
package final class Node: Sendable {
  package enum Value: Sendable {
    case node(Node)
    case list([Node])
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    /// An enumeration constant, by PostgreSQL's own name.
    case symbol(Symbol)
  }

  package let kind: NodeKind
  /// Only the fields that are set: protobuf leaves out zero, false, empty and absent ones.
  package let fields: [(name: Field, value: Value)]

  package init(_ kind: NodeKind, _ fields: [(name: Field, value: Value)]) {
    self.kind = kind
    self.fields = fields
  }

  package subscript(_ name: Field) -> Value? {
    for field in fields where field.name == name { return field.value }
    return nil
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
