// Walking, rebuilding and comparing trees.

extension Node {
  /// Whether a walk goes on to a node's children.
  package enum Descent: Sendable {
    case into, over
  }

  /// Visits this node and all below it, parents before children and children in field order. `parentField` is the field
  /// of the parent that holds the node, nil for this node itself. Takes no stack, however deep the tree.
  package func walk<Failure: Error>(
    _ visit: (_ node: Node, _ parentField: Field?) throws(Failure) -> Void
  ) throws(Failure) {
    try walkChoosing { (node, field) throws(Failure) in
      try visit(node, field)
      return .into
    }
  }

  /// `walk`, but what is below a node is left out when `visit` answers `.over`.
  package func walkChoosing<Failure: Error>(
    _ visit: (_ node: Node, _ parentField: Field?) throws(Failure) -> Descent
  ) throws(Failure) {
    var waiting: [(node: Node, field: Field?)] = []
    waiting.reserveCapacity(32)
    waiting.append((self, nil))
    while let (node, field) = waiting.popLast() {
      guard try visit(node, field) == .into else { continue }
      node.addChildren(to: &waiting)
    }
  }

  /// In reverse: the last in goes first.
  private func addChildren(to waiting: inout [(node: Node, field: Field?)]) {
    withFields { fields in
      var index = fields.count
      while index > 0 {
        index &-= 1
        switch fields[index].value {
        case .node(let child): waiting.append((child, fields[index].name))
        case .list(let children): for child in children.reversed() { waiting.append((child, fields[index].name)) }
        default: continue
        }
      }
    }
  }

  /// All nodes of a kind in this tree, in the order of `walk`.
  package func all(_ kind: NodeKind) -> [Node] {
    var found: [Node] = []
    walk { node, _ in if node.kind == kind { found.append(node) } }
    return found
  }

  /// The tree with some nodes replaced: `change` gives a node's replacement, which is not looked into any further, or
  /// nil to keep it and look below. Recurses, so only for trees from `parse`, whose depth is bounded.
  package func rebuilt(_ change: (Node) -> Node?) -> Node {
    if let replacement = change(self) { return replacement }
    return rebuiltBelow(change)
  }

  /// `rebuilt` for everything below this node.
  package func rebuiltBelow(_ change: (Node) -> Node?) -> Node {
    var isChanged = false
    let rebuilt = fields.map { field -> (name: Field, value: Value) in
      switch field.value {
      case .node(let child):
        let new = child.rebuilt(change)
        isChanged = isChanged || new !== child
        return (field.name, .node(new))
      case .list(let children):
        let new = children.map { $0.rebuilt(change) }
        isChanged = isChanged || zip(new, children).contains { $0 !== $1 }
        return (field.name, .list(new))
      default:
        return field
      }
    }
    return isChanged ? Node(kind, rebuilt) : self
  }

  /// Whether two trees say the same, wherever in a text they say it. Recurses, so only for trees of bounded depth.
  package func isSame(as other: Node) -> Bool {
    if self === other { return true }
    guard kind == other.kind else { return false }
    var theirs = other.fields.lazy.filter { !$0.name.isLocation($0.value) }.makeIterator()
    for mine in fields where !mine.name.isLocation(mine.value) {
      guard let their = theirs.next(), mine.name == their.name, mine.value.isSame(as: their.value) else { return false }
    }
    return theirs.next() == nil
  }
}

extension Field {
  /// Whether a field with such a value only says where in the text something stands. Not by name alone: `location` of
  /// CREATE TABLESPACE is a directory.
  func isLocation(_ value: Node.Value) -> Bool {
    guard case .integer = value else { return false }
    return switch self {
    case .location, .argLocation, .conninfoLocation, .nameLocation, .payloadLocation, .stmtLocation, .stmtLen,
      .listStart, .listEnd, .rexprListStart, .rexprListEnd:
      true
    default:
      false
    }
  }
}

extension Node.Value {
  fileprivate func isSame(as other: Node.Value) -> Bool {
    switch (self, other) {
    case (.node(let mine), .node(let their)): mine.isSame(as: their)
    case (.list(let mine), .list(let their)):
      mine.count == their.count && zip(mine, their).allSatisfy { $0.isSame(as: $1) }
    case (.text(let mine), .text(let their)): mine.utf8.elementsEqual(their.utf8)
    case (.integer(let mine), .integer(let their)): mine == their
    case (.number(let mine), .number(let their)): mine == their
    case (.flag(let mine), .flag(let their)): mine == their
    case (.symbol(let mine), .symbol(let their)): mine == their
    default: false
    }
  }
}
