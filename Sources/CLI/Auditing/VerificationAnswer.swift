// What `audit verify` says.

import JSON
import Store
import Terminal

struct VerificationAnswer {
  private let result: Verification
  private let heads: Int

  /// - Parameter heads: how many were given that had been kept elsewhere.
  init(_ result: Verification, heads: Int) { (self.result, self.heads) = (result, heads) }

  func text(style: Style) -> String {
    var lines: [String] = []
    let range = result.first.map { first in " (\(first) to \(result.last ?? first))" } ?? ""
    let records = result.records == 1 ? "1 record" : "\(result.records) records"
    if result.isSound {
      lines.append(style.bold("The chain is whole.") + " \(records)\(range): none edited, removed, moved or cut off.")
    } else {
      lines.append(style.bold("The chain is broken.") + " \(records)\(range).")
      lines += result.faults.map { "  \(Self.words($0))" }
      if result.more > 0 { lines.append("  and \(result.more) more") }
    }
    if result.retired.number > 0, !result.faults.contains(.retired(result.retired.number)) {
      lines.append("Records up to \(result.retired.number) were retired, which a record says.")
    }
    lines += result.tooOld.map { "The head \($0.number) is older than what is kept: nothing can be said of it." }
    if heads == 0 {
      lines.append(
        "Whoever can write to the store and has its key could have made all of it anew: keep heads elsewhere.")
    }
    return lines.joined(separator: "\n") + "\nhead \(result.head.text)\n"
  }

  private static func words(_ fault: Verification.Fault) -> String {
    switch fault {
    case .changed(let number): "record \(number) is not what was written there: edited, or moved there"
    case .missing(let first, let last) where first == last: "record \(first) is missing"
    case .missing(let first, let last): "records \(first) to \(last) are missing"
    case .cutOff(let last, let head): "cut off behind record \(last): the books know of \(head)"
    case .added(let last): "records behind \(last), of which the books know nothing"
    case .books: "the books were changed, or the key is another one"
    case .retired(let number): "records up to \(number) were removed, and no record says so"
    case .otherHead(let number): "the head \(number) that was kept elsewhere is not this chain's"
    }
  }

  private static func word(_ fault: Verification.Fault) -> (String, [Int64]) {
    switch fault {
    case .changed(let number): ("changed", [number])
    case .missing(let first, let last): ("missing", [first, last])
    case .cutOff(let last, let head): ("cut_off", [last, head])
    case .added(let last): ("added", [last])
    case .books: ("books", [])
    case .retired(let number): ("retired", [number])
    case .otherHead(let number): ("other_head", [number])
    }
  }

  var json: JSONValue {
    .object([
      "is_whole": .bool(result.isSound), "records": .integer(Int64(result.records)),
      "first": result.first.map { .integer($0) } ?? .null, "last": result.last.map { .integer($0) } ?? .null,
      "head": .string(result.head.text), "retired_through": .integer(result.retired.number),
      "faults": .array(
        result.faults.map { fault in
          let (word, numbers) = Self.word(fault)
          return .object([
            "fault": .string(word), "records": .array(numbers.map { .integer($0) }),
            "words": .string(Self.words(fault)),
          ])
        }),
      "more_faults": .integer(Int64(result.more)), "heads_checked": .integer(Int64(heads - result.tooOld.count)),
      "heads_too_old": .array(result.tooOld.map { .string($0.text) }),
    ])
  }
}
