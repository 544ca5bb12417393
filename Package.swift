// swift-tools-version: 6.0
// The picture of ARCHITECTURE.md, executable: which room stands on which.
import PackageDescription

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, on floorsBelow: [String] = []) -> Target {
  .target(name: name, dependencies: floorsBelow.map { .byName(name: $0) }, swiftSettings: house)
}

func tests(of room: String, with others: [String] = [], excluding: [String] = []) -> Target {
  .testTarget(
    name: "\(room)Tests",
    dependencies: ([room, "Support"] + others).map { .byName(name: $0) },
    exclude: excluding,
    swiftSettings: house)
}

let package = Package(
  name: "pgadvisor",
  products: [.executable(name: "pgadvisor", targets: ["CLI"])],
  targets: [
    // Floor 0: the C libraries' front doors.
    .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"]), .brew(["libpg_query"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd",
      providers: [.apt(["libmicrohttpd-dev"]), .brew(["libmicrohttpd"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    // Floor 1.
    room("JSON"),
    room("Terminal"),
    room("YAML", on: ["CYAML"]),
    room("Cryptography", on: ["COpenSSL"]),
    room("HTTPServer", on: ["CMicroHTTPD"]),
    room("SQLSyntax", on: ["CPgQuery"]),
    room("Database", on: ["CLibPQ", "JSON"]),
    // Floor 2.
    room("Store", on: ["CSQLite", "Database", "Cryptography"]),
    room("IndexTuner", on: ["Database", "SQLSyntax", "JSON"]),
    room("HealthChecks", on: ["Database", "JSON"]),
    // Floor 3.
    room("Governance", on: ["Database", "SQLSyntax", "Store", "Cryptography", "JSON"]),
    room("Advisor", on: ["HealthChecks", "IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"]),
    // Floor 4.
    room("MCPServer", on: ["Governance", "Advisor", "HTTPServer", "Cryptography", "JSON", "Terminal"]),
    // Floor 5.
    .executableTarget(
      name: "CLI",
      dependencies: [
        "MCPServer", "Advisor", "Governance", "HealthChecks", "IndexTuner", "Database", "SQLSyntax", "Store",
        "HTTPServer", "Cryptography", "JSON", "Terminal", "YAML",
      ],
      swiftSettings: house),
    // Times the gate: Benchmarks/judge/run.
    .executableTarget(
      name: "JudgeBenchmark", dependencies: ["Governance", "Database", "SQLSyntax"],
      path: "Benchmarks/judge/Sources/JudgeBenchmark",
      swiftSettings: house),
    // What the size model says of any index: Benchmarks/tuning/sizes.
    .executableTarget(
      name: "IndexSizes", dependencies: ["IndexTuner", "Database"], path: "Benchmarks/tuning/Sources/IndexSizes",
      swiftSettings: house),
    // What tests share: the scratch cluster, golden files, seeded random.
    .target(name: "Support", dependencies: ["Database"], path: "Tests/Support", swiftSettings: house),
    tests(of: "JSON"),
    tests(of: "Terminal"),
    tests(of: "YAML"),
    tests(of: "SQLSyntax", with: ["JSON"]),
    tests(of: "Database", with: ["JSON"]),
    tests(of: "Cryptography"),
    tests(of: "Store", with: ["Cryptography", "Database"]),
    tests(of: "HTTPServer"),
    tests(of: "HealthChecks", with: ["Database", "JSON"]),
    // The real clients are Python programs.
    tests(
      of: "MCPServer", with: ["Governance", "Advisor", "HTTPServer", "Store", "Cryptography", "Database", "JSON"],
      excluding: ["clients"]),
    tests(of: "IndexTuner", with: ["Database", "SQLSyntax"]),
    tests(of: "Governance", with: ["Database", "SQLSyntax", "Store", "Cryptography", "JSON"]),
    tests(of: "Advisor", with: ["HealthChecks", "IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"]),
    tests(
      of: "CLI",
      with: [
        "MCPServer", "Governance", "HealthChecks", "Store", "Cryptography", "Database", "JSON", "Terminal", "YAML",
      ]),
    .testTarget(
      name: "RegressionReplay", dependencies: ["Governance", "Database", "SQLSyntax", "CLibPQ"],
      path: "Benchmarks/replay", swiftSettings: house),
    .testTarget(name: "HouseRulesTests", dependencies: ["Support"], swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)
