// Trees as text, for tests and for people who debug.

extension Node: CustomStringConvertible {
  /// An S-expression without locations: `(selectStmt targetList:[(resTarget val:(aConst ival:(integer ival:1)))] …)`.
  package var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    text += "(\(kind)"
    for field in fields where !field.name.isLocation(field.value) {
      text += " \(field.name):"
      switch field.value {
      case .node(let node): node.write(to: &text)
      case .list(let nodes):
        text += "["
        for (position, node) in nodes.enumerated() {
          if position > 0 { text += " " }
          node.write(to: &text)
        }
        text += "]"
      case .text(let string): text += "\"\(string)\""
      case .integer(let number): text += "\(number)"
      case .number(let number): text += "\(number)"
      case .flag(let flag): text += "\(flag)"
      case .symbol(let symbol): text += "\(symbol)"
      }
    }
    text += ")"
  }
}
