// Rule 3: a unit is one file named as its type, one line in its list, one id.

/// A protocol with many small conformers.
private struct Family {
  let name: String
  /// The list's file.
  let list: String
  let folder: String
  /// The property that names a unit.
  let id: String

  func holds(_ file: SourceFile) -> Bool {
    file.path.hasPrefix(folder) && file.types.contains { $0.conformances.contains(name) }
  }
}

private let families: [Family] = [
  Family(
    name: "CandidateGenerator", list: "Sources/IndexTuner/Candidates/AllGenerators.swift",
    folder: "Sources/IndexTuner/Candidates/", id: "id"),
  Family(
    name: "SearchStrategy", list: "Sources/IndexTuner/Search/AllStrategies.swift",
    folder: "Sources/IndexTuner/Search/", id: "id"),
  Family(
    name: "Renderer", list: "Sources/Advisor/Renderers/AllRenderers.swift", folder: "Sources/Advisor/Renderers/",
    id: "id"),
  Family(
    name: "Tool", list: "Sources/MCPServer/Tools/AllTools.swift", folder: "Sources/MCPServer/Tools/", id: "name"),
  Family(
    name: "HealthCheck", list: "Sources/HealthChecks/AllChecks.swift", folder: "Sources/HealthChecks/Checks/", id: "id"),
  Family(
    name: "Command", list: "Sources/CLI/Commands/AllCommands.swift", folder: "Sources/CLI/Commands/", id: "name"),
]

let unitRules: [Rule] = [
  Rule("a unit is a file of its name and a line in its list") { files in
    families.flatMap { family in
      let list = files.first { $0.path == family.list }
      return files.filter(\.isSource).flatMap { file in
        let units = file.types.filter { $0.kind != "protocol" && $0.conformances.contains(family.name) }
        return units.flatMap { unit in
          let home = "\(family.folder)\(unit.name).swift"
          let count = list?.lines(where: unit.name, "(").count ?? 0
          return (file.path == home ? [] : ["\(unit.name) belongs into \(home)"])
            + (count == 1 ? [] : ["\(unit.name) stands \(count) times in \(family.list)"])
        }.map { Offence(path: file.path, message: $0) }
      }
    }
  },
  Rule("a unit has an id of its own") { files in
    families.flatMap { family in
      var owners: [String: String] = [:]
      return files.filter(family.holds).flatMap { file -> [Offence] in
        guard let own = file.value(of: family.id) else {
          return [Offence(path: file.path, message: "its \(family.id) is no literal")]
        }
        guard let other = owners.updateValue(file.path, forKey: own) else { return [] }
        // Whichever was read first: both are named.
        return [file.path, other].map { Offence(path: $0, message: "two units have the \(family.id) \(own)") }
      }
    }
  },
  Rule("a family has members") { files in
    families.filter { family in !files.contains(where: family.holds) }
      .map { Offence(path: $0.folder, message: "no \($0.name) was found: the rules above look at nothing") }
  },
]

extension SourceFile {
  /// The literal of `let id = "…"`.
  fileprivate func value(of property: String) -> String? {
    lines.lazy.compactMap { line -> String? in
      let words = line.split(separator: " ").map(String.init)
      guard let place = words.firstIndex(of: "let"), words[(place + 1)...].prefix(2).elementsEqual([property, "="])
      else { return nil }
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      return parts.count == 3 ? String(parts[1]) : nil
    }.first
  }
}
