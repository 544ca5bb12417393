// A small plot made of characters.

/// A falling step line through points, x to the right and y upwards from zero; at most `width` × `height` characters
/// beside the labels. Points that are no numbers are left out; what is below zero stands on the axis.
package func stepPlot(
  _ points: [(x: Double, y: Double)], width: Int, height: Int, xLabel: (Double) -> String, yLabel: (Double) -> String
) -> String {
  let sorted = points.filter { $0.x.isFinite && $0.y.isFinite }.map { (x: max(0, $0.x), y: max(0, $0.y)) }
    .sorted { ($0.x, $0.y) < ($1.x, $1.y) }
  guard let last = sorted.last, last.x > 0, width > 1, height > 1 else { return "" }
  let top = sorted.map(\.y).max() ?? 1
  var grid = [[Character]](repeating: [Character](repeating: " ", count: width), count: height)
  func row(_ y: Double) -> Int { height - 1 - Int((y / max(top, 1e-9) * Double(height - 1)).rounded()) }
  func column(_ x: Double) -> Int { Int((x / last.x * Double(width - 1)).rounded()) }
  for (position, point) in sorted.enumerated() {
    let end = position + 1 < sorted.count ? column(sorted[position + 1].x) : width - 1
    for place in column(point.x)...max(end, column(point.x)) where grid[row(point.y)][place] == " " {
      grid[row(point.y)][place] = "·"
    }
  }
  for point in sorted { grid[row(point.y)][column(point.x)] = "●" }
  let labels = (0..<height).map { yLabel(top * Double(height - 1 - $0) / Double(height - 1)) }
  let margin = labels.map(displayWidth).max() ?? 0
  var lines = zip(labels, grid).enumerated().map { position, pair in
    (position % 3 == 0 || position == height - 1 ? pair.0 : "").padding(toLeft: margin) + " ┤"
      + String(pair.1).trimmedRight
  }
  lines.append(String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: width))
  let (left, right) = (xLabel(0), xLabel(last.x))
  lines.append(
    String(repeating: " ", count: margin + 2) + left + right.padding(toLeft: max(0, width - displayWidth(left))))
  return lines.joined(separator: "\n")
}

extension String {
  fileprivate var trimmedRight: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
