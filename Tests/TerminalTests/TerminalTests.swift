// Figures, widths, tables and plots, and that data never steers a terminal.

import Support
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

  @Test func figuresKeepTheirFormWhereRoundingReachesTheNext() {
    #expect(formatDuration(milliseconds: 9.996) == "10 ms")
    #expect(formatDuration(milliseconds: 999.6) == "1.0 s")
    #expect(formatDuration(milliseconds: 99_960) == "1 min 40 s")
    #expect(formatDuration(milliseconds: 3_599_600) == "1 h 0 min")
    #expect(formatPercent(0.0996) == "10 %")
    #expect(formatPercent(-0.0004) == "0.0 %")
    #expect(formatBytes(10_230) == "10 kB")
    #expect(formatBytes(1_048_100) == "1.0 MB")
    #expect(formatBytes(.max) == "8192 PB")
  }

  /// The planner's largest estimate is 1e100 rows (`MAXIMUM_ROWCOUNT`), and a cartesian join reaches it.
  @Test(arguments: [
    1e15, 9.2e18, 1e21, 1.234e100, .greatestFiniteMagnitude, -1e300, .infinity, -.infinity, .nan,
    .leastNonzeroMagnitude,
  ])
  func noFigureEndsTheProcess(value: Double) {
    for text in [
      formatCount(rounding: value), formatDuration(milliseconds: value), formatPercent(value),
      formatDecimal(value, places: 0), formatDecimal(value, places: 6), formatDecimal(value, places: 30),
    ] {
      #expect(!text.isEmpty && text.count < 24, "\(text)")
    }
  }

  @Test func largeFiguresArePowersOfTen() {
    #expect(formatCount(rounding: 1_234_567.5) == "1,234,568")
    #expect(formatCount(rounding: 999_999_999_999_999) == "999,999,999,999,999")
    #expect(formatCount(rounding: 1e15) == "1e+15")
    #expect(formatCount(rounding: -1.2345e21) == "-1.23e+21")
    #expect(formatCount(rounding: 9.999e99) == "1e+100")
    #expect(formatCount(rounding: 1.05e20) == "1.05e+20")
    #expect(formatCount(rounding: .nan) == "-")
    #expect(formatDecimal(9e14, places: 6) == "9e+14")
    #expect(formatDuration(milliseconds: 1e30) == "2.78e+23 h")
    #expect(formatDuration(milliseconds: .infinity) == "-")
  }

  @Test func controlCharactersAreMadeVisible() {
    #expect(escaped("a\u{1b}[31mb\r\n\u{202e}c") == "a\\u{1b}[31mb\\r\\n\\u{202e}c")
    #expect(escaped("Ælfgyfu 漢字") == "Ælfgyfu 漢字")
    #expect(escaped("\u{9b}31m\u{7f}\u{0}\u{2066}\u{61c}") == "\\u{9b}31m\\u{7f}\\u{0}\\u{2066}\\u{61c}")
  }

  @Test func nothingEscapedSteersATerminal() async {
    await withSeededRandom { random in
      for _ in 0..<2_000 {
        let scalars = (0..<12).compactMap { _ in
          Unicode.Scalar(UInt32.random(in: 0...(Bool.random(using: &random) ? 0xff : 0x2fff), using: &random))
        }
        let text = escaped(String(String.UnicodeScalarView(scalars)))
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }, "\(random)")
        #expect(escaped(text) == text, "\(random)")
        let width = Int.random(in: 1...20, using: &random)
        #expect(displayWidth(elided(text, to: width)) <= width, "\(text) to \(width), \(random)")
      }
    }
  }

  @Test func widthsCountColumnsNotCharacters() {
    #expect(displayWidth("漢字ab") == 6)
    #expect(displayWidth("e\u{301}a\u{200b}\u{1ab0}") == 2)
    #expect(displayWidth("🚀👩‍👩‍👧🇩🇪👍🏽") == 8)
    #expect(displayWidth("☂ ☂\u{fe0f} ✅ ─●·└…") == 13)
    #expect(displayWidth("한글ｱ，") == 7)
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

  @Test func progressStaysOnOneLine() {
    #expect(Progress.line("pricing", terminalWidth: 80) == "\r\u{1b}[2Kpricing")
    #expect(Progress.line("pricing 漢字", terminalWidth: 11) == "\r\u{1b}[2Kpricing …")
    #expect(Progress.line("a\nb\u{1b}[2J", terminalWidth: 80) == "\r\u{1b}[2Ka\\nb\\u{1b}[2J")
    #expect(Progress.line("pricing", terminalWidth: 0) == "\r\u{1b}[2K…")
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

  @Test func aPlotStandsWhateverItsPointsAre() {
    func plot(_ points: [(Double, Double)], _ width: Int = 8, _ height: Int = 3) -> String {
      stepPlot(
        points.map { (x: $0.0, y: $0.1) }, width: width, height: height, xLabel: { formatDecimal($0, places: 0) },
        yLabel: { formatDecimal($0, places: 0) })
    }
    #expect(plot([(0, 0), (1, 0)]) == "0 ┤\n  ┤\n0 ┤●······●\n  └────────\n   0      1")
    #expect(plot([(0, 2), (.nan, 1), (4, .infinity), (2, -3), (-1, 2), (2, 1)]).split(separator: "\n").count == 5)
    #expect(plot([(0, 1), (.leastNonzeroMagnitude, .greatestFiniteMagnitude)]).contains("●"))
    #expect(plot([(0, 1)]) == "" && plot([(1, 1)], 1) == "" && plot([(1, 1)], 8, 1) == "")
    // The same whatever the order.
    #expect(plot([(9, 1), (0, 5), (3, 2)]) == plot([(3, 2), (9, 1), (0, 5)]))
  }
}
