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

func tests(of room: String, with others: [String] = []) -> Target {
  .testTarget(
    name: "\(room)Tests",
    dependencies: ([room, "Support"] + others).map { .byName(name: $0) },
    swiftSettings: house)
}

let package = Package(
  name: "pgadvisor",
  products: [.executable(name: "pgadvisor", targets: ["CLI"])],
  targets: [
    // Floor 0: the C libraries' front doors.
    .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"]), .brew(["libpg_query"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    // Floor 1.
    room("JSON"),
    room("Terminal"),
    room("SQLSyntax", on: ["CPgQuery"]),
    room("Database", on: ["CLibPQ", "JSON"]),
    // Floor 2.
    room("IndexTuner", on: ["Database", "SQLSyntax", "JSON"]),
    // Floor 3.
    room("Governance", on: ["Database", "SQLSyntax", "JSON"]),
    room("Advisor", on: ["IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"]),
    // Floor 5.
    .executableTarget(
      name: "CLI",
      dependencies: ["Advisor", "Governance", "IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"],
      swiftSettings: house),
    // Times the gate: Benchmarks/judge/run.
    .executableTarget(
      name: "JudgeBenchmark", dependencies: ["Governance", "Database", "SQLSyntax"],
      path: "Benchmarks/judge/Sources/JudgeBenchmark",
      swiftSettings: house),
    // What tests share: the scratch cluster, golden files, seeded random.
    .target(name: "Support", dependencies: ["Database"], path: "Tests/Support", swiftSettings: house),
    tests(of: "JSON"),
    tests(of: "Terminal"),
    tests(of: "SQLSyntax", with: ["JSON"]),
    tests(of: "Database", with: ["JSON"]),
    tests(of: "IndexTuner", with: ["Database", "SQLSyntax"]),
    tests(of: "Governance", with: ["Database", "SQLSyntax", "JSON"]),
    tests(of: "Advisor", with: ["IndexTuner", "Database", "SQLSyntax", "JSON", "Terminal"]),
    tests(of: "CLI", with: ["JSON", "Terminal"]),
    .testTarget(
      name: "RegressionReplay", dependencies: ["Governance", "Database", "SQLSyntax", "CLibPQ"],
      path: "Benchmarks/replay", swiftSettings: house),
    .testTarget(name: "HouseRulesTests", dependencies: ["Support"], swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)
