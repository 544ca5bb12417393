// A verdict as JSON: the line of `judge --jsonl`, the object of `judge --json`.

import Governance
import JSON

/// A verdict about a text, in the words of the command's output.
struct JudgeAnswer {
  /// `explain`, `read`, `write`, `ddl`, `admin` or `reject`.
  let word: String
  let members: JSONObject

  var isRejected: Bool { word == Self.rejection }

  static let rejection = "reject"

  init(_ verdict: Verdict, about text: String) {
    word = verdict.strongest?.rawValue ?? Self.rejection
    let relations = verdict.relations.reduce(into: [(name: String, columns: Set<String>?)]()) { known, use in
      let columns = use.columns.map { Set($0) }
      guard let place = known.firstIndex(where: { $0.name == use.qualifiedName }) else {
        return known.append((use.qualifiedName, columns))
      }
      // Met twice: nil is all columns.
      known[place].columns = columns.flatMap { new in known[place].columns?.union(new) }
    }
    members = [
      "verdict": .string(word), "permissions": .array(verdict.permissions.sorted().map { .string($0.rawValue) }),
      "rule": .string(verdict.rule), "message": .string(verdict.message),
      "position": verdict.position.map { .integer(Int64(Self.character(at: $0, in: text))) } ?? .null,
      "relations": .array(relations.map { .string($0.name) }),
      "functions": .array(Self.distinct(verdict.functions.map(\.signature)).map { .string($0) }),
      "columns": .object(
        JSONObject(
          relations.map { relation in
            (relation.name, relation.columns.map { .array($0.sorted().map { .string($0) }) } ?? .null)
          })), "notes": .array(verdict.notes.map { .string($0) }),
      "way_out": verdict.wayOut.map { .string($0) } ?? .null,
    ]
  }

  /// One line of JSON, with its line feed.
  /// - Parameter id: JSON, repeated as it is.
  func line(id: [UInt8]) -> [UInt8] {
    // The object's own bracket is replaced by that of the id.
    Array("{\"id\":".utf8) + id + [UInt8(ascii: ",")] + JSONValue.object(members).bytes().dropFirst() + [0x0a]
  }

  /// Characters counted from 1, as PostgreSQL counts them in its errors.
  private static func character(at offset: Int, in text: String) -> Int {
    // Bytes that begin a character.
    1 + text.utf8.prefix(offset).count { $0 & 0xc0 != 0x80 }
  }

  private static func distinct(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }
}
