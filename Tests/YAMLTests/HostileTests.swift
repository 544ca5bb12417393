// Documents made to hurt: bombs, depth, size, circles, and thousands of damaged ones.

import Support
import Testing

@testable import YAML

@Suite(.timeLimit(.minutes(2))) struct HostileTests {
  private func code(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLError.Code? {
    do throws(YAMLError) {
      _ = try YAMLNode.read(Array(text.utf8), limits: limits)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func aliasesDoNotExpandWithoutEnd() {
    var bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      bomb +=
        "l\(level): &l\(level) [" + [String](repeating: "*l\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(code(bomb) == .tooManyNodes)
  }

  @Test func anAliasStandsForWhatIsWhole() {
    #expect(code("a: &a [*a]") == .syntax)
    #expect(code("&a {k: *a}") == .syntax)
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(code("a: &a \(deep)\nb: [*a]") == nil)
    #expect(
      code("a: &a \(deep)\nb: \(String(repeating: "[", count: 25))*a\(String(repeating: "]", count: 25))") == .tooDeep)
  }

  @Test func depthIsBounded() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(code(nested(64)) == nil)
    #expect(code(nested(65)) == .tooDeep)
    #expect(code(nested(900)) == .tooDeep)
    let blocks = (0..<70).map { String(repeating: " ", count: $0) + "k:\n" }.joined()
    #expect(code(blocks) == .tooDeep)
  }

  @Test func sizeIsBounded() {
    #expect(code(String(repeating: "#", count: 1 << 20)) == nil)
    #expect(code(String(repeating: "#", count: (1 << 20) + 1)) == .tooLarge)
    #expect(code("[" + String(repeating: "a,", count: 120_000) + "]") == .tooManyNodes)
    var limits = YAMLLimits()
    limits.nodes = 4
    #expect(code("[1, 2, 3]", limits: limits) == nil)
    #expect(code("[1, 2, 3, 4]", limits: limits) == .tooManyNodes)
  }

  @Test func faultsAreBounded() throws {
    let keys = String(repeating: "a: 1\n", count: 5_000)
    let error = #expect(throws: YAMLError.self) { try YAMLNode.read(Array(keys.utf8)) }
    #expect(error?.faults.count == YAMLLimits().faults)
  }

  /// libyaml has corners where its time grows with the square of the length; none of them is reached.
  @Test(arguments: [
    "[", "{", "- ", "{a: ", "[a: ", "? ", ": ", "a: ", "- - ", "-\n", "[\n", "&a ", "*a ", "!a ", "%TAG !a! b\n",
    "%YAML 1.1\n",
    "# x\n", "'", "\"", "'' ", "| ", "|\n", "a\n", "a: b\n", "\n", " ", "\t", "---\n", "...\n", "---\n...\n", "[]",
    "[a,", "{a,",
    ",", "a b ", "\\", "\"\\u0041", "?\n", "- ? ", "&a [", "!<a> ", "a:\n ", "- |\n", "\r", "\u{2028}", "\u{85}", "=",
    "<<: ", "@",
  ])
  func repetitionEndsSoon(piece: String) {
    let began = ContinuousClock.now
    _ = code(String(repeating: piece, count: (1 << 20) / piece.utf8.count))
    #expect(.now - began < .seconds(20), "\(piece)")
    _ = code("a: [" + String(repeating: piece, count: (1 << 20) / piece.utf8.count - 4))
    #expect(.now - began < .seconds(40), "\(piece)")
  }

  /// Whatever comes, it is a value or a fault with a place inside the text.
  @Test func damagedDocumentsEndInAValueOrAFault() async {
    let seed = Array(
      """
      connections:
        - {name: shop, url: "postgresql://a@b/c", limits: {rows: 10}}
        - name: &n other
          schemas: [public, *n]
      text: |
        one
      ? long
      : 'it''s' # why
      """.utf8)
    let pieces = [
      "\t", "[", "]", "{", "}", ":", "- ", "*n", "&n", "!!", "|", ">", "'", "\"", "\n", "\r", "#", "%", "@", "? ",
      "\u{0}", "\u{85}", "---\n",
    ]
    await withSeededRandom { random in
      for round in 0..<4_000 {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.remove(at: place)
          case 2: bytes.insert(contentsOf: Array(pieces.randomElement(using: &random)?.utf8 ?? "".utf8), at: place)
          default: bytes = Array(bytes[..<max(1, place)]) + bytes[place...].shuffled(using: &random).prefix(40)
          }
        }
        do throws(YAMLError) {
          _ = try YAMLNode.read(bytes)
        } catch {
          let lines = bytes.count { $0 == 0x0a || $0 == 0x0d || $0 == 0x85 || $0 == 0xa8 || $0 == 0xa9 } + 2
          for fault in error.faults {
            #expect(
              !fault.message.isEmpty && fault.place.map { (1...lines).contains($0.line) && $0.column >= 1 } ?? true,
              "\(fault), round \(round) (\(random))")
          }
        }
      }
    }
  }
}
