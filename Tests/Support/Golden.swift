// Expected output that is kept in files.

package import Testing

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Compares with a file of the package, for instance `Fixtures/plans/scan.txt`; `PGADVISOR_GOLDEN=accept` writes it.
package func expectGolden(
  _ actual: String, at path: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let file = packageFile(path)
  if variable("PGADVISOR_GOLDEN") == "accept" {
    if contents(of: file) != actual && !write(actual, to: file) {
      Issue.record("\(path) cannot be written", sourceLocation: sourceLocation)
    }
    return
  }
  guard let expected = contents(of: file) else {
    Issue.record("\(path) is missing; PGADVISOR_GOLDEN=accept makes it:\n\(actual)", sourceLocation: sourceLocation)
    return
  }
  if expected != actual {
    Issue.record(
      "differs from \(path) (PGADVISOR_GOLDEN=accept takes the new one)\n\(firstDifference(expected, actual))",
      sourceLocation: sourceLocation)
  }
}

/// A path inside the package, found from where this file is.
package func packageFile(_ path: String) -> String {
  let here = #filePath
  let root = here.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
  return "\(root)/\(path)"
}

/// The text of a file; nil where there is none.
package func contents(of file: String) -> String? {
  guard let stream = fopen(file, "rb") else { return nil }
  defer { fclose(stream) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}

private func write(_ text: String, to file: String) -> Bool {
  var directory = ""
  for part in file.split(separator: "/").dropLast() {
    directory += "/\(part)"
    mkdir(directory, 0o755)
  }
  guard let stream = fopen(file, "wb") else { return false }
  defer { fclose(stream) }
  let bytes = Array(text.utf8)
  return fwrite(bytes, 1, bytes.count, stream) == bytes.count
}

/// The first line that differs, with what stands around it.
private func firstDifference(_ expected: String, _ actual: String) -> String {
  let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let new = actual.split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
  let before = old[max(0, line - 2)..<line].map { "  \($0)" }
  let removed = old[line..<min(line + 4, old.count)].map { "- \($0)" }
  let added = new[line..<min(line + 4, new.count)].map { "+ \($0)" }
  return (["line \(line + 1):"] + before + removed + added).joined(separator: "\n")
}
