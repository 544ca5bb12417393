// The tidy test: the rules of ARCHITECTURE.md that a program can check.

import Support
import Testing

@Suite struct HouseRulesTests {
  // MARK: - Arrows

  /// Which rooms a room may import, built or not.
  private static let arrows: [String: Set<String>] = [
    "JSON": [], "Terminal": [], "SQLSyntax": ["CPgQuery"], "Database": ["CLibPQ", "JSON"],
    "Store": ["CSQLite", "Database", "JSON"], "HTTPServer": ["CMicroHTTPD"],
    "HealthChecks": ["Database", "JSON"], "IndexTuner": ["Database", "SQLSyntax", "JSON"],
    "Governance": ["SQLSyntax", "Database", "Store", "JSON"],
    "Advisor": ["HealthChecks", "IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"],
    "MCPServer": ["Governance", "Advisor", "HTTPServer", "JSON"],
    "CLI": [
      "Advisor", "MCPServer", "Governance", "HealthChecks", "IndexTuner", "Database", "SQLSyntax", "Store",
      "HTTPServer",
      "JSON", "Terminal", "CYAML",
    ],
  ]
  private static let platform: Set<String> = ["Synchronization", "FoundationEssentials", "Glibc", "Musl", "Darwin"]

  @Test func importsGoOnlyWhereTheArrowsPoint() {
    for file in Self.sources {
      guard let allowed = Self.arrows[file.room] else {
        Issue.record("\(file.path): no such room")
        continue
      }
      for line in file.lines {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1,
          words.prefix(place).allSatisfy({ ["package", "internal", "private", "fileprivate"].contains($0) })
        else { continue }
        let module = String(words[place + 1])
        #expect(
          allowed.contains(module) || Self.platform.contains(module), "\(file.path): \(file.room) imports \(module)")
      }
    }
  }

  // MARK: - Size and form

  /// Files longer than 300 lines, with the reason.
  private static let longFiles: [String: String] = [:]
  /// Functions longer than 60 lines, with the reason.
  private static let longFunctions: [String: String] = [:]

  @Test func filesAreShortAndSayWhatTheyAreFor() {
    for file in Self.sources where !file.isGenerated {
      #expect(file.lines.count <= 300 || Self.longFiles[file.path] != nil, "\(file.path): \(file.lines.count) lines")
      let first = file.lines.first ?? ""
      #expect(
        first.hasPrefix("// ") && !first.contains("swift-format"), "\(file.path) does not open with what it is for")
      // Words for people may run on where breaking them would hide what is said.
      for (number, line) in file.lines.enumerated()
      where line.count > (line.contains("\"") || line.contains("//") ? 140 : 120) {
        Issue.record("\(file.path):\(number + 1): \(line.count) columns")
      }
    }
  }

  @Test func functionsAreShort() {
    for file in Self.sources where !file.isGenerated {
      var start: (line: Int, indent: Int, name: String)?
      for (number, line) in file.lines.enumerated() {
        let indent = line.prefix { $0 == " " }.count
        let words = line.split(separator: " ")
        if start == nil, let place = words.firstIndex(where: { $0 == "func" || $0.hasPrefix("init(") }), place < 5,
          !line.hasSuffix("}"), !words[0].hasPrefix("//")
        {
          start = (number, indent, String(words[min(place + 1, words.count - 1)]))
        } else if let open = start, indent == open.indent, line.hasSuffix("}"), number > open.line {
          let length = number - open.line + 1
          #expect(
            length <= 60 || Self.longFunctions["\(file.path) \(open.name)"] != nil,
            "\(file.path):\(open.line + 1): \(open.name) has \(length) lines")
          start = nil
        }
      }
    }
  }

  // MARK: - Words

  /// What a source file must not say, and the files that may, with the reason.
  private static let banned: [(word: String, allowed: [String: String])] = [
    ("public ", [:]), ("fatalError(", [:]), ("try!", [:]), ("as!", [:]), ("TODO", [:]), ("FIXME", [:]),
    ("import Foundation\n", [:]), ("@unchecked Sendable", [:]), ("nonisolated(unsafe)", [:]),
  ]

  @Test func bannedWords() {
    for file in Self.sources where !file.isGenerated {
      for (word, allowed) in Self.banned where allowed[file.path] == nil {
        #expect(!file.codeText.contains(word), "\(file.path) says \(word)")
      }
      for line in file.lines where line.contains("struct ") || line.contains("class ") || line.contains("enum ") {
        for ending in ["Manager", "Helper", "Impl", "Utils"] {
          #expect(!line.contains("\(ending) {") && !line.contains("\(ending):"), "\(file.path): \(line)")
        }
      }
    }
  }

  /// Raw memory stays where C is, and where bytes are handed to write(2) or threads.
  private static let rawMemory: Set<String> = [
    "Terminal/StandardStreams.swift", "CLI/TraceFile.swift",
  ]

  @Test func rawMemoryStaysInTheRoomsThatTouchC() {
    for file in Self.sources where file.room != "Database" && file.room != "SQLSyntax" {
      guard !Self.rawMemory.contains("\(file.room)/\(file.name).swift") else { continue }
      for word in ["Unsafe", "Unmanaged", "withUnsafe"] {
        #expect(!file.codeText.contains(word), "\(file.path) says \(word)")
      }
    }
    for file in Self.sources {
      if file.room != "SQLSyntax" { #expect(!file.codeText.contains("pg_query_"), "\(file.path) calls libpg_query") }
      if file.room != "Database" {
        for call in ["PQconnect", "PQexec", "PQsend", "PGconn"] {
          #expect(!file.codeText.contains(call), "\(file.path) calls libpq")
        }
      }
    }
  }

  /// Foreign text becomes something that is sent in these places only.
  private static let foreignText: [String: Set<String>] = [
    "PlanRequest(": [
      "Database/Explain.swift", "Database/Analyze.swift", "IndexTuner/ParameterBinding.swift",
      "Advisor/WhatIfPlan.swift",
    ], "AnalyzeRequest(": ["Advisor/Explain.swift"],
  ]

  @Test func foreignTextIsPlannedInFewPlaces() {
    for (call, places) in Self.foreignText {
      for file in Self.sources where file.codeText.contains(call) {
        #expect(places.contains("\(file.room)/\(file.name).swift"), "\(file.path) makes a \(call.dropLast())")
      }
    }
  }

  // MARK: - Units

  /// Family protocol, the list's file, and the folder of the units.
  private static let families: [(family: String, list: String, folder: String)] = [
    ("CandidateGenerator", "Sources/IndexTuner/Candidates/AllGenerators.swift", "Sources/IndexTuner/Candidates/"),
    ("SearchStrategy", "Sources/IndexTuner/Search/AllStrategies.swift", "Sources/IndexTuner/Search/"),
    ("Renderer", "Sources/Advisor/Renderers/AllRenderers.swift", "Sources/Advisor/Renderers/"),
    ("Command", "Sources/CLI/Commands/AllCommands.swift", "Sources/CLI/Commands/"),
  ]

  @Test func everyUnitIsAFileOfItsNameAndALineInItsList() throws {
    for (family, list, folder) in Self.families {
      let listed = try #require(Self.sources.first { $0.path == list }, "\(list) is missing")
      let units = Self.sources.filter { file in
        file.path.hasPrefix(folder) && file.lines.contains { $0.contains("struct \(file.name): \(family) {") }
      }
      #expect(!units.isEmpty, "\(family) has no units")
      for unit in units {
        let lines = listed.lines.filter { $0.contains("\(unit.name)(") }
        #expect(lines.count == 1, "\(unit.name) stands \(lines.count) times in \(list)")
      }
      for file in Self.sources where !units.contains(where: { $0.path == file.path }) {
        let strays = file.lines.filter { $0.hasPrefix("package struct") || $0.hasPrefix("struct") }
          .filter { $0.contains(": \(family) {") }
        #expect(strays.isEmpty, "\(file.path) holds a \(family) that is not named like its file")
      }
    }
  }

  // MARK: - Reading the tree

  private struct SourceFile {
    let path: String
    let lines: [String]
    var room: String { String(path.split(separator: "/")[1]) }
    var name: String { String(path.split(separator: "/").last?.dropLast(6) ?? "") }
    var isGenerated: Bool { path.contains("/Schema/") }
    /// Without whole-line comments.
    var codeText: String {
      lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n") + "\n"
    }
  }

  private static let sources: [SourceFile] = {
    let root = packageFile("")
    let listing = (try? requireCommand(["find", root + "Sources", "-name", "*.swift"])) ?? ""
    return listing.split(separator: "\n").sorted().map { full in
      let path = String(full.dropFirst(root.count))
      var lines = (contents(of: String(full)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
      if lines.last == "" { lines.removeLast() }
      return SourceFile(path: path, lines: lines)
    }
  }()

  @Test func theTreeIsRead() {
    #expect(Self.sources.count > 60)
  }
}
