// A verdict drawn for people: the word, the statement with a mark under the place, and what it touches.

import Governance
import Terminal

/// One verdict as text; pure.
struct JudgeDrawing {
  private let text: String
  private let verdict: Verdict
  private let style: Style

  /// Lines of the statement that are shown around the place.
  private static let linesAround = 3
  private static let linesAtMost = 12
  private static let width = 100

  init(of verdict: Verdict, about text: String, style: Style) {
    self.verdict = verdict
    self.text = text
    self.style = style
  }

  func drawn() -> String {
    let word = (verdict.strongest?.rawValue ?? JudgeAnswer.rejection).uppercased()
    var lines = ["\(coloured(word))  \(style.dim(escaped(verdict.rule)))", escaped(verdict.message), ""]
    lines += statement() + [""]
    add("needs", verdict.permissions.sorted().map(\.rawValue), joined: true, to: &lines)
    add("relations", verdict.relations.map(described), to: &lines)
    add("functions", verdict.functions.map { "\($0.signature): \($0.permission.rawValue)" }, to: &lines)
    add("notes", verdict.notes, to: &lines)
    add("way out", verdict.wayOut.map { [$0] } ?? [], to: &lines)
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private func coloured(_ word: String) -> String {
    switch verdict.strongest {
    case .explain, .read: style.green(word)
    case .write, .ddl: style.yellow(word)
    case .admin, nil: style.red(word)
    }
  }

  private func add(_ title: String, _ values: [String], joined: Bool = false, to lines: inout [String]) {
    if values.isEmpty { return }
    for (position, value) in (joined ? [values.joined(separator: ", ")] : values).enumerated() {
      lines.append("  \(style.dim((position == 0 ? title : "").padding(to: 9)))  \(escaped(value))")
    }
  }

  private func described(_ use: RelationUse) -> String {
    let access = [use.isRead ? "read" : nil, use.isWritten ? "written" : nil].compactMap { $0 }.joined(separator: ", ")
    let columns =
      use.columns.map { $0.isEmpty ? " (no column)" : " (\($0.joined(separator: ", ")))" } ?? " (all columns)"
    return "\(use.qualifiedName): \(access)\(columns)\(use.isIndirect ? ", indirectly" : "")"
  }

  // MARK: - The statement

  /// The statement, or the lines around the place, with a mark under it.
  private func statement() -> [String] {
    let all = Array(text.utf8).split(separator: 0x0a, omittingEmptySubsequences: false)
    let place = verdict.position.map { self.place(ofByte: $0) }
    let shown = shownLines(of: all.count, around: place?.line)
    let digits = String(shown.upperBound).count
    var lines: [String] = []
    if shown.lowerBound > 0 { lines.append(style.dim("  …")) }
    for number in shown {
      let prefix = "  " + "\(number + 1)".padding(toLeft: digits) + "  "
      let isCarriageReturn = all[number].last == 0x0d
      let (line, mark) = window(
        isCarriageReturn ? all[number].dropLast() : all[number], around: place?.line == number ? place?.column : nil)
      lines.append(style.dim(prefix) + line)
      if let mark { lines.append(String(repeating: " ", count: displayWidth(prefix) + mark) + style.bold("^")) }
    }
    if shown.upperBound < all.count { lines.append(style.dim("  …")) }
    return lines
  }

  private func shownLines(of count: Int, around line: Int?) -> Range<Int> {
    guard count > Self.linesAtMost else { return 0..<count }
    guard let line else { return 0..<Self.linesAtMost }
    return max(0, line - Self.linesAround)..<min(count, line + Self.linesAround + 1)
  }

  /// Line and byte in it, from 0.
  private func place(ofByte offset: Int) -> (line: Int, column: Int) {
    let before = text.utf8.prefix(offset)
    return (before.count { $0 == 0x0a }, before.reversed().prefix { $0 != 0x0a }.count)
  }

  /// As much of a line as fits, safe to print, and the column of the byte in what is left of it.
  private func window(_ line: ArraySlice<UInt8>, around byte: Int?) -> (String, mark: Int?) {
    var rest = line
    var offset = byte ?? 0
    if line.count > Self.width {
      // From and to where characters begin.
      rest = rest.dropFirst(max(0, offset - Self.width / 2)).drop { $0 & 0xc0 == 0x80 }
      offset -= rest.startIndex - line.startIndex
      let tail = rest.dropFirst(Self.width).drop { $0 & 0xc0 == 0x80 }
      rest = rest[..<tail.startIndex]
    }
    let isCutBefore = rest.startIndex > line.startIndex
    let isCutBehind = rest.endIndex < line.endIndex
    let shown = (isCutBefore ? "…" : "") + printed(rest) + (isCutBehind ? "…" : "")
    return (shown, byte.map { _ in (isCutBefore ? 1 : 0) + displayWidth(printed(rest.prefix(max(0, offset)))) })
  }

  private func printed(_ bytes: ArraySlice<UInt8>) -> String { escaped(String(decoding: bytes, as: UTF8.self)) }
}
