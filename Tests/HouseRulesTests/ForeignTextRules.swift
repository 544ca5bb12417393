// Idea 3: our own SQL is a literal, foreign SQL is planned in few places, and nothing executes a String.

/// Types that turn foreign text into something that is sent, and where they are made.
private let makers: [(type: String, places: Set<String>)] = [
  (
    "PlanRequest",
    [
      "Database/Explain.swift", "Database/Analyze.swift", "Database/AdmittedStatement.swift",
      "Database/SnapshotTransaction.swift", "IndexTuner/ParameterBinding.swift", "IndexTuner/VectorChoice.swift",
      "Advisor/WhatIfPlan.swift", "Governance/Ceilings.swift", "Governance/TouchedWorkload.swift",
      "Governance/Rehearsal.swift",
    ]
  ),
  ("AnalyzeRequest", ["Database/Analyze.swift", "Advisor/Explain.swift", "CLI/Verifier.swift"]),
  ("AdmittedStatement", ["Governance/Executor.swift", "Governance/Rehearsal.swift"]),
  ("SetupStatement", ["Database/SnapshotTransaction.swift", "CLI/JudgeSetup.swift"]),
]

/// The labels of their initialisers: `.init(planning: …)` makes one without naming it.
private let makingLabels: [String: String] = [
  "planning": "PlanRequest", "analyzing": "PlanRequest", "running": "AnalyzeRequest",
  "admitting": "AdmittedStatement", "measuring": "AdmittedStatement", "preparing": "SetupStatement",
]

/// Where libpq is handed text.
private let senders: Set<String> = ["Database/Request.swift", "Database/Conversation.swift"]

/// Names under which something is sent.
private let executing: Set<String> = ["execute", "exec", "rows", "run", "ask", "send"]

let foreignTextRules: [Rule] = [
  .perFile("foreign text is planned in few places") { file in
    let places = Dictionary(uniqueKeysWithValues: makers.map { ($0.type, $0.places) })
    let named = makers.flatMap { type, _ in
      (file.lines(where: type, "(") + file.lines(where: type, ".", "init")).map { (type, $0) }
    }
    let unnamed = makingLabels.flatMap { label, type in
      file.lines(where: ".", "init", "(", label, ":").map { (type, $0) }
    }
    return (named + unnamed).filter { type, _ in places[type]?.contains(file.place) != true }
      .map { ($0.1, "makes a \($0.0)") }
  },
  .perFile("our own SQL is made of literals") { file in
    guard file.place == "Database/SQL.swift" else {
      // A literal becomes one by itself; whoever names the initialiser wants something else.
      let literal = file.room == "JSON" ? [] : file.lines(where: "init", "(", "stringLiteral", ":")
      return (file.lines(where: "SQL", "(") + file.lines(where: "SQL", ".", "init") + literal)
        .map { ($0, "makes SQL from something else than a literal") }
    }
    return file.functions.filter { $0.name == "init" }.filter { function in
      let start = function.signature.lowerBound
      let isPrivate = start > 0 && file.tokens[start - 1].text == "private"
      return !isPrivate && !file.tokens[function.signature].contains { $0.text == "StaticString" }
    }.map { ($0.line, "SQL can be made from something else than a literal") }
  },
  .perFile("text is handed to libpq in two files") { file in
    guard !senders.contains(file.place) else { return [] }
    return file.tokens.filter { $0.text.hasPrefix("PQsend") || $0.text.hasPrefix("PQexec") }
      .map { ($0.line, "calls \($0.text)") }
  },
  .perFile("no function executes a String") { file in
    file.functions.flatMap { function in
      let signature = Array(file.tokens[function.signature].map(\.text))
      return signature.indices.dropFirst(2).filter { place in
        let (label, parameter) = (signature[place - 2], signature[place - 1])
        return signature[place...].starts(with: [":", "String"])
          && (parameter.lowercased() == "sql" || (executing.contains(function.name) && label == "_"))
      }.map { _ in (function.line, "\(function.name) takes SQL as a String") }
    }
  },
]
