// Rules 1 and 2: which room may import which, and where C is.

/// Which rooms a room may import, built or not. The picture in ARCHITECTURE.md, as a table.
private let arrows: [String: Set<String>] = [
  "JSON": [], "Terminal": [], "YAML": ["CYAML"], "SQLSyntax": ["CPgQuery"], "Database": ["CLibPQ", "JSON"],
  "Store": ["CSQLite", "Database", "Cryptography"], "HTTPServer": ["CMicroHTTPD"],
  "Cryptography": ["COpenSSL"],
  "HealthChecks": ["Database", "JSON"], "IndexTuner": ["Database", "SQLSyntax", "JSON"],
  "Governance": ["SQLSyntax", "Database", "Store", "Cryptography", "JSON"],
  "Advisor": ["HealthChecks", "IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"],
  "MCPServer": ["Governance", "Advisor", "HTTPServer", "Cryptography", "JSON", "Terminal"],
  "CLI": [
    "Advisor", "MCPServer", "Governance", "HealthChecks", "IndexTuner", "Database", "SQLSyntax", "Store", "HTTPServer",
    "Cryptography", "JSON", "Terminal", "YAML",
  ],
]

/// Full Foundation is not among them: it would quadruple the program.
private let standard: Set<String> = ["Synchronization", "FoundationEssentials"]
private let systemC: Set<String> = ["Glibc", "Musl", "Darwin"]

/// Rooms that stand on a C library and wrap it.
private let roomsOnC: Set<String> = ["SQLSyntax", "Database", "Store", "HTTPServer", "Cryptography", "YAML"]

/// What a C library's names begin with, and the one room that says them.
private let libraries: [(prefix: String, room: String)] = [
  ("pg_query_", "SQLSyntax"), ("PQ", "Database"), ("PGconn", "Database"), ("PGresult", "Database"),
  ("sqlite3", "Store"), ("MHD_", "HTTPServer"), ("yaml_", "YAML"), ("EVP_", "Cryptography"),
]

let arrowRules: [Rule] = [
  .perFile("imports go only where the arrows point") { file in
    guard let allowed = arrows[file.room] else { return [(nil, "there is no room \(file.room)")] }
    return file.imports.filter { !allowed.union(standard).union(systemC).contains($0.module) }
      .map { ($0.line, "\(file.room) imports \($0.module)") }
  },
  .perFile(
    "the system's C is for rooms that wrap C",
    exceptions: [
      "Sources/Terminal/StandardStreams.swift": "write(2), isatty(3) and the terminal's width",
      "Sources/CLI/Main.swift": "exit(3) and getenv(3)", "Sources/CLI/Signals.swift": "sigwait(3)",
      "Sources/CLI/Context.swift": "read(2) from standard input",
      "Sources/CLI/JudgeInput.swift": "open(2) and read(2) in pieces",
      "Sources/CLI/Configuration/SmallFile.swift": "open(2), fstat(2) and read(2)",
      "Sources/CLI/Configuration/SecretCommand.swift": "posix_spawn(3), pipe(2) and waitpid(2)",
      "Sources/CLI/TraceFile.swift": "open(2) and write(2)", "Sources/CLI/AuditFile.swift": "open(2) and write(2)",
      "Sources/MCPServer/Transports/StdioDescriptor.swift": "read(2), write(2), poll(2) and a thread to wait on",
      "Sources/Governance/AuditClock.swift": "clock_gettime(3): full Foundation has the only other clock",
      "Sources/IndexTuner/Pricing/Exponentials.swift": "exp(3), expm1(3) and log(3), which Swift's library lacks",
      "Sources/IndexTuner/Search/Ledger.swift": "log(3), which Swift's library lacks",
      "Sources/IndexTuner/Workload/VectorChoice.swift": "log(3), which Swift's library lacks",
    ]
  ) { file in
    guard !roomsOnC.contains(file.room) else { return [] }
    return file.imports.filter { systemC.contains($0.module) }.map { ($0.line, "\(file.room) imports \($0.module)") }
  },
  .perFile(
    "raw memory stays in the rooms that wrap C",
    exceptions: [
      "Sources/Terminal/StandardStreams.swift": "bytes are handed to write(2)",
      "Sources/CLI/TraceFile.swift": "bytes are handed to write(2)",
      "Sources/CLI/AuditFile.swift": "bytes are handed to write(2)",
      "Sources/MCPServer/Transports/StdioDescriptor.swift": "bytes go to write(2), a closure to pthread_create(3)",
    ]
  ) { file in
    guard !roomsOnC.contains(file.room) else { return [] }
    let beginnings = ["Unsafe", "unsafe", "withUnsafe", "Unmanaged", "OpaquePointer", "withMemoryRebound"]
    return file.tokens.filter { token in token.kind == .word && beginnings.contains { token.text.hasPrefix($0) } }
      .map { ($0.line, "says \($0.text)") }
  },
  .perFile("a C library is called in one room") { file in
    file.tokens.filter { $0.kind == .word }.flatMap { token in
      libraries.filter { library in
        library.room != file.room && token.text.hasPrefix(library.prefix)
          && token.text.dropFirst(library.prefix.count).first.map { $0.isLowercase || $0 == "_" } ?? true
      }.map { (token.line, "calls \(token.text), which is \($0.room)'s") }
    }
  },
]
