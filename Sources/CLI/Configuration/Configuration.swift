// A configuration file as it was loaded: connections, identities and settings, or all that is wrong with it.

import Governance
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
}

/// A file that may hold a configuration.
struct ConfigurationFile: Sendable {
  let path: String
  let environment: [String: String]
  /// False: files, variables and commands that hold secrets are left alone.
  var readsSecrets = true

  /// - Throws: when the file cannot be read at all.
  func load() async throws(Refusal) -> LoadedConfiguration {
    let file: SmallFile
    do throws(SmallFile.Failure) { file = try SmallFile(at: path, limit: YAMLLimits().bytes) } catch {
      throw Refusal(message: "cannot read the configuration \(path): \(error.reason)", exitCode: .failure)
    }
    let root: YAMLNode?
    do throws(YAMLError) { root = try YAMLNode.read(file.bytes) } catch {
      let problems = error.faults.map {
        ConfigurationProblem(severity: .error, place: $0.place, message: $0.message, suggestion: nil)
      }
      return LoadedConfiguration(file: path, configuration: nil, problems: problems)
    }
    guard let root else {
      let problem = ConfigurationProblem(
        severity: .error, place: nil, message: "the file says nothing",
        suggestion: "pgadvisor config example prints one to begin with")
      return LoadedConfiguration(file: path, configuration: nil, problems: [problem])
    }
    var builder = ConfigurationBuilder(
      Secrets(directory: Self.directory(of: path), environment: environment, isReading: readsSecrets))
    let configuration = await builder.configuration(root, environment)
    if file.isReadableByAll { builder.warnOfReaders() }
    let problems = builder.problems
    return LoadedConfiguration(
      file: path, configuration: problems.hasErrors ? nil : configuration, problems: problems.inOrder)
  }

  /// With the slash at its end; empty for the working directory.
  private static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
