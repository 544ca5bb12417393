// A configuration file as it was loaded: connections, identities and settings, or all that is wrong with it.

import Cryptography
import Governance
import HealthChecks
import Store
import YAML

/// What a file without errors says.
struct Configuration: Sendable {
  var connections: [GovernedConnection]
  var directory: Directory
  /// In the order of the file.
  var agents: [Agent]
  var settings: ServeSettings

  /// The agent of standard input and output: the one that is named, or the only one.
  var localAgent: String? { settings.localAgent ?? (agents.count == 1 ? agents[0].id : nil) }
}

/// One attempt to load a file.
struct LoadedConfiguration: Sendable {
  var file: String
  /// nil: there are errors.
  var configuration: Configuration?
  /// In the order of the file.
  var problems: [ConfigurationProblem]
  /// SHA-256 of the file as it was read.
  var digest: String
}

/// A file that may hold a configuration.
struct ConfigurationFile: Sendable {
  let path: String
  let environment: [String: String]
  /// False: files, variables and commands that hold secrets are left alone.
  var readsSecrets = true

  /// The section `health` alone: connections, agents and secrets are left alone, and need not be there. What is wrong
  /// anywhere in the file is found all the same.
  /// - Throws: when the file cannot be read at all.
  func thresholds() throws(Refusal) -> (limits: Limits, problems: [ConfigurationProblem]) {
    let (root, problems, _, _) = try document()
    guard let root else { return (Limits(), problems) }
    var reader = SettingsReader(environment: environment)
    let optional = allSettings.map { $0.key == "connections" ? $0.optional : $0 }
    let section = reader.section(root, optional, "the configuration")
    return (ConfigurationBuilder.thresholds(section), reader.problems.inOrder)
  }

  /// - Throws: when the file cannot be read at all.
  func load() async throws(Refusal) -> LoadedConfiguration {
    let (document, problems, isReadableByAll, digest) = try document()
    guard let root = document else {
      return LoadedConfiguration(file: path, configuration: nil, problems: problems, digest: digest)
    }
    var builder = ConfigurationBuilder(
      Secrets(directory: Self.directory(of: path), environment: environment, isReading: readsSecrets))
    let configuration = await builder.configuration(root, environment)
    if isReadableByAll { builder.warnOfReaders() }
    let found = builder.problems
    return LoadedConfiguration(
      file: path, configuration: found.hasErrors ? nil : configuration, problems: found.inOrder,
      digest: digest)
  }

  /// What stands in the file, or what is wrong with it as YAML.
  private func document() throws(Refusal) -> (
    root: YAMLNode?, problems: [ConfigurationProblem], isReadableByAll: Bool, digest: String
  ) {
    let file: SmallFile
    do throws(SmallFile.Failure) { file = try SmallFile(at: path, limit: YAMLLimits().bytes) } catch {
      throw Refusal(message: "cannot read the configuration \(path): \(error.reason)", exitCode: .failure)
    }
    let digest = hexadecimal(sha256(file.bytes))
    let root: YAMLNode?
    do throws(YAMLError) { root = try YAMLNode.read(file.bytes) } catch {
      let problems = error.faults.map {
        ConfigurationProblem(severity: .error, place: $0.place, message: $0.message, suggestion: nil)
      }
      return (nil, problems, file.isReadableByAll, digest)
    }
    if let root { return (root, [], file.isReadableByAll, digest) }
    let problem = ConfigurationProblem(
      severity: .error, place: nil, message: "the file says nothing",
      suggestion: "pgadvisor config example prints one to begin with")
    return (nil, [problem], file.isReadableByAll, digest)
  }

  /// With the slash at its end; empty for the working directory.
  private static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
