// Where secrets come from: files, the environment, programs. Read when the configuration is loaded, and shown nowhere.

/// A secret that is not to be had, in words without it.
struct SecretFailure: Error {
  var message: String
  var advice: String?
}

/// Reads secrets for one configuration.
struct Secrets: Sendable {
  /// Of the configuration, where relative paths begin.
  let directory: String
  let environment: [String: String]
  /// False: every secret is taken for granted.
  let isReading: Bool
  private static let longest = 65_536

  func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : directory + path }

  /// The one line of a file.
  func contents(of path: String) throws(SecretFailure) -> (text: String, isReadableByAll: Bool) {
    let file: SmallFile
    do throws(SmallFile.Failure) { file = try SmallFile(at: absolute(path), limit: Self.longest) } catch {
      throw SecretFailure(message: "the file cannot be read: \(error.reason)")
    }
    guard let text = String(validating: file.bytes, as: UTF8.self), !file.bytes.contains(0) else {
      throw SecretFailure(message: "the file holds no text")
    }
    let lines = text.split { $0.isNewline }
    guard lines.count == 1, let line = lines.first else {
      throw SecretFailure(
        message: lines.isEmpty ? "the file is empty" : "the file has \(lines.count) lines",
        advice: "It holds the secret in one line, and nothing else")
    }
    return (String(line), file.isReadableByAll)
  }

  func variable(_ name: String) throws(SecretFailure) -> String {
    guard let value = environment[name], !value.isEmpty else {
      throw SecretFailure(message: "the environment has no variable \(name)", advice: "Set it before the start")
    }
    return value
  }

  func output(of words: [String]) async throws(SecretFailure) -> String {
    do throws(SecretCommand.Failure) {
      return try await SecretCommand(words: words, environment: environment).output()
    } catch {
      throw SecretFailure(
        message: "the program gives no password: \(error.reason)", advice: "Run it by hand to see why")
    }
  }
}
