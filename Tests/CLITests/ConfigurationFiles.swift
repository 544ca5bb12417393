// Configuration files for tests: written to a place of their own, and gone afterwards.

import Foundation
import Support

@testable import CLI

/// A directory with files, for as long as `body` runs.
func withFiles<R>(
  _ files: [String: String], mode: Int = 0o600, isolation: isolated (any Actor)? = #isolation,
  _ body: (_ directory: String) async throws -> R
) async throws -> R {
  let directory = FileManager.default.temporaryDirectory.path + "/pgadvisor-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  for (name, text) in files { try write(text, to: "\(directory)/\(name)", mode: mode) }
  return try await body(directory)
}

func write(_ text: String, to path: String, mode: Int = 0o600) throws {
  try text.write(toFile: path, atomically: false, encoding: .utf8)
  try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
}

/// What a file with this text says.
func loaded(
  _ text: String, _ environment: [String: String] = [:], mode: Int = 0o600, files: [String: String] = [:]
) async throws -> LoadedConfiguration {
  try await withFiles(files) { directory in
    try write(text, to: "\(directory)/pgadvisor.yaml", mode: mode)
    let inherited = ProcessInfo.processInfo.environment.filter { $0.key == "PATH" }
    let file = ConfigurationFile(
      path: "\(directory)/pgadvisor.yaml", environment: environment.merging(inherited) { mine, _ in mine })
    return try await file.load()
  }
}

/// Small and good; `more` is appended.
func goodFile(_ more: String = "", connection: String = "url: postgresql://h.invalid/d", agent: String = "") -> String {
  """
  connections:
    - name: main
      \(connection)
  agents:
    - id: bot
      \(agent.isEmpty ? "name_of_nothing: x" : agent)
  iam:
    - {connection: main, permissions: [read], members: ["agent:bot"]}
  \(more)
  """.replacingOccurrences(of: "    name_of_nothing: x\n", with: "")
}
