// Figures, widths, tables and plots, and that data never steers a terminal.

import Terminal
import Testing

@Suite struct TerminalTests {
  @Test func figures() {
    #expect(formatCount(0) == "0")
    #expect(formatCount(-1_234_567) == "-1,234,567")
    #expect(formatCount(.min) == "-9,223,372,036,854,775,808")
    #expect(formatDecimal(2.345, places: 2) == "2.35")
    #expect(formatDecimal(-0.001, places: 2) == "0.00")
    #expect(formatDecimal(.nan, places: 2) == "-")
    #expect(formatBytes(1_023) == "1023 bytes")
    #expect(formatBytes(1_024) == "1.0 kB")
    #expect(formatBytes(157_286_400) == "150 MB")
    #expect(formatBytes(1_048_575) == "1.0 MB")
    #expect(formatPercent(0.123) == "12 %")
    #expect(formatPercent(0.0001) == "< 0.1 %")
    #expect(formatPercent(0) == "0 %")
    #expect(formatDuration(milliseconds: 0.123) == "0.12 ms")
    #expect(formatDuration(milliseconds: 12_345) == "12.3 s")
    #expect(formatDuration(milliseconds: 3_700_000) == "1 h 1 min")
  }

  @Test func controlCharactersAreMadeVisible() {
    #expect(escaped("a\u{1b}[31mb\r\n\u{202e}c") == "a\\u{1b}[31mb\\r\\n\\u{202e}c")
    #expect(escaped("Ælfgyfu 漢字") == "Ælfgyfu 漢字")
  }

  @Test func widthsCountColumnsNotCharacters() {
    #expect(displayWidth("漢字ab") == 6)
    #expect(elided("漢字漢字", to: 5) == "漢字…")
    #expect(elided("short", to: 5) == "short")
    #expect("漢".padding(to: 4) == "漢  ")
    #expect("7".padding(toLeft: 3) == "  7")
  }

  @Test func tablesAlign() {
    var table = Table(columns: [.init("n", .right), .init("name"), .init("x", .right)])
    table.add(["1", "漢字", "10"])
    table.add(["200", "a\u{1b}[0m"])
    #expect(table.rendered() == "  n  name         x\n  1  漢字        10\n200  a\\u{1b}[0m    ")
  }

  @Test func coloursOnlyWhereTheyAreSeen() {
    #expect(Style.plain.red("x") == "x")
    #expect(Style(isColored: true).red("x") == "\u{1b}[31mx\u{1b}[0m")
    #expect(StandardStreams.style(for: 1, environment: ["NO_COLOR": "1"]) == .plain)
    #expect(StandardStreams.style(for: 1, environment: ["TERM": "dumb"]) == .plain)
  }

  @Test func aPlotHasItsPointsWhereTheyBelong() {
    let plot = stepPlot(
      [(0, 100), (50, 20), (100, 0)], width: 11, height: 3, xLabel: { "\(Int($0))" }, yLabel: { "\(Int($0))" })
    let rows = plot.split(separator: "\n").map(String.init)
    #expect(rows.count == 5)
    #expect(rows[0].hasPrefix("100 ┤●"))
    #expect(rows[2].hasSuffix("●"))
    #expect(stepPlot([], width: 10, height: 3, xLabel: { _ in "" }, yLabel: { _ in "" }) == "")
  }
}
