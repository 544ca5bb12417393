// What pgadvisor thinks that indexes will measure: definitions on standard input, bytes on standard output.
//
// A line is `table|key,key|included,included`; the answer is a number, or `-` where the model says nothing.

import Database
import IndexTuner

guard CommandLine.arguments.count == 2 else {
  print("usage: IndexSizes URL <DEFINITIONS")
  throw SizesFailure.usage
}

struct Wanted {
  var table: String
  var keys: [String]
  var included: [String]

  init?(_ line: String) {
    let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { return nil }
    table = parts[0]
    keys = parts[1].split(separator: ",").map(String.init)
    included = parts[2].split(separator: ",").map(String.init)
  }
}

enum SizesFailure: Error { case usage }

var wanted: [Wanted] = []
while let line = readLine() { if let one = Wanted(line) { wanted.append(one) } }
let session = try await Session.open(ConnectionTarget(url: CommandLine.arguments[1]))
let lines: [String] = try await session.readOnly(ReadOnlyLimits(statementTimeout: .seconds(30))) { [wanted] session in
  let catalog = try await session.catalog(naming: Set(wanted.map(\.table)))
  var indexes: [IndexDefinition?] = []
  for one in wanted {
    let relation = catalog.relations.values.first { $0.name == one.table }
    indexes.append(
      relation.map { IndexDefinition(on: $0, keys: one.keys.map { .init($0) }, included: one.included) })
  }
  let model = try await IndexSizeModel.read(on: session, for: indexes.compactMap { $0 }, in: catalog)
  return indexes.map { index in index.flatMap { model.bytes(of: $0) }.map(String.init) ?? "-" }
}
print(lines.joined(separator: "\n"))
await session.close()
