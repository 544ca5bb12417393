// The official client and its types, where an interpreter with them is at hand.

import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `PGADVISOR_PYTHON`, when it can import what the scripts need.
private let interpreter: String? = {
  guard let python = variable("PGADVISOR_PYTHON"),
    let output = try? runCommand([python, "-c", "import mcp, mcp_types, jsonschema"]), output.status == 0
  else { return nil }
  return python
}()

private let hasFastMCP: Bool = {
  guard let interpreter, let output = try? runCommand([interpreter, "-c", "import fastmcp"]) else { return false }
  return output.status == 0
}()

/// The program under test, when it can serve the fixtures.
let servingProgram: String? = {
  let beside = CommandLine.arguments.first.map { path in
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
  }
  let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
  guard let program = candidates.first(where: { access($0, X_OK) == 0 }),
    let output = try? runCommand([program, "serve", "--conformance"]), output.status == 0
  else { return nil }
  return program
}()

extension Trait where Self == ConditionTrait {
  static var needsPython: Self {
    .enabled(if: interpreter != nil, "skipped: PGADVISOR_PYTHON names no Python with mcp, mcp_types and jsonschema")
  }

  static var needsFastMCP: Self { .enabled(if: hasFastMCP, "skipped: PGADVISOR_PYTHON lacks fastmcp") }

  static var needsServingProgram: Self {
    .enabled(if: servingProgram != nil, "skipped: no program that knows `serve --conformance`")
  }
}

/// Runs a script of `Tests/MCPServerTests/clients`.
func runPython(_ script: String, _ arguments: [String] = [], input: String = "") throws -> CommandOutput {
  guard let interpreter else { throw CommandFailure(description: "no interpreter") }
  let file = packageFile("Tests/MCPServerTests/clients/\(script)")
  return try runCommand([interpreter, "-B", file] + arguments, input: input)
}

@Suite(.needsPython, .needsServingProgram) struct RealClientTests {
  private static let modes = ["auto", "2026-07-28", "legacy"]

  private func isWell(_ script: String, _ arguments: String...) async throws {
    let program = try #require(servingProgram)
    let given = [program] + arguments
    let output = try await onOwnThread { try runPython(script, given) }
    #expect(output.status == 0 && output.text.hasSuffix("all is well\n"), "\(output.text)")
  }

  /// Lends a database as the scripts expect it, and psql to look at it with.
  private func withShop(_ body: (_ url: String, _ psql: String) async throws -> Void) async throws {
    let schema = """
      CREATE TABLE public.orders (id integer PRIMARY KEY, customer integer);
      INSERT INTO public.orders SELECT g, g % 5000 FROM generate_series(1, 50000) AS g;
      ANALYZE;
      """
    let psql = try await onOwnThread { try ScratchCluster.shared().psql }
    try await withDatabase(schema: schema) { url in
      try await body(url, psql)
    }
  }

  @Test(arguments: modes) func theOfficialClientDrivesEverything(_ mode: String) async throws {
    try await isWell("drive_fixtures.py", mode)
  }

  @Test(.needsServer, arguments: modes) func theOfficialClientDrivesTheProduct(_ mode: String) async throws {
    try await withShop { url, psql in try await isWell("drive_product.py", mode, url, psql) }
  }

  @Test(.needsFastMCP, .needsServer) func anotherClientDrivesIt() async throws {
    try await withShop { url, _ in try await isWell("drive_fastmcp.py", url) }
  }

  @Test(.needsServer) func olderVersionsAreSpokenOverHTTP() async throws {
    try await withShop { url, _ in try await isWell("drive_versions.py", url) }
  }

  @Test(.needsServer) func clientsHearOfAReload() async throws {
    try await withShop { url, _ in try await isWell("drive_reload.py", url) }
  }

  @Test(.needsFastMCP, .needsServer) func everyEntryForAClientConnectsIt() async throws {
    let documents = ["docs/mcp.md", "README.md"].map { packageFile($0) }
    try await withShop { url, _ in try await isWell("snippets.py", url, documents[0], documents[1]) }
  }

  @Test func theProcessStaysAliveAndLeavesAtTheEnd() async throws { try await isWell("probe_stdio.py") }

  @Test(.needsServer) func itStandsOnItsOwnOverSockets() async throws {
    try await withShop { url, psql in try await isWell("probe_http.py", url, psql) }
  }

  @Test(.needsServer) func noArgumentsMakeItFallOver() async throws {
    try await withShop { url, psql in try await isWell("fuzz_tools.py", url, psql) }
  }

  /// The page says what was found, and what was found is what the page says.
  @Test func theConformanceScenariosPass() async throws {
    let program = try #require(servingProgram)
    let output = try await onOwnThread { try runPython("conformance.py", [program, "--page"]) }
    #expect(output.status == 0, "\(output.text)")
    if output.status == 0 { expectGolden(output.text, at: "docs/mcp-conformance.md") }
  }
}
