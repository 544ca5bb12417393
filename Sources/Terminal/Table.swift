// Tables with aligned columns.

/// A table for a terminal: cells are escaped, columns are as wide as their widest cell.
package struct Table: Sendable {
  package enum Alignment: Sendable { case left, right }

  package struct Column: Sendable {
    let title: String
    let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  package init(columns: [Column]) { self.columns = columns }

  /// Missing cells are empty, surplus ones are left out.
  package mutating func add(_ cells: [String]) {
    rows.append(columns.indices.map { $0 < cells.count ? escaped(cells[$0]) : "" })
  }

  package func rendered(style: Style = .plain) -> String {
    var widths = columns.map { displayWidth($0.title) }
    for row in rows {
      for (position, cell) in row.enumerated() { widths[position] = max(widths[position], displayWidth(cell)) }
    }
    let header = style.dim(line(columns.map(\.title), widths))
    return ([header] + rows.map { line($0, widths) }).joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (position, cell) in cells.enumerated() {
      if position > 0 { text += "  " }
      let isLast = position == cells.count - 1
      switch columns[position].alignment {
      case .left: text += isLast ? cell : cell.padding(to: widths[position])
      case .right: text += cell.padding(toLeft: widths[position])
      }
    }
    return text
  }
}
