// The file that `--trace-planning` writes: every what-if EXPLAIN, so that anybody can ask the planner the same again.

import Database
import IndexTuner
import JSON
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One JSON object a line: `{"indexes": […], "sql": "…", "parameters": […], "search_path": […]}`, and at the end
/// `{"plans": …, "seconds": …, "connections": …}`.
final class TraceFile: Sendable {
  private let descriptor: Int32
  private let path: String
  private let failure = Mutex<String?>(nil)

  init(at path: String) throws(Refusal) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw Refusal(message: "cannot write the trace to \(path): \(reason)", exitCode: .failure)
    }
  }

  deinit { close(descriptor) }

  /// Where the trace breaks off, why; nil for a complete one.
  var complaint: String? {
    failure.withLock { $0 }.map { "the trace in \(path) is incomplete: \($0)" }
  }

  func write(_ trace: PlanningTrace) {
    let line: JSONValue
    switch trace {
    case .plan(let indexes, let request, let searchPath):
      line = [
        "indexes": .array(indexes.map { .string($0) }), "sql": .string(request.text),
        "parameters": .array(request.parameters.map { $0.value.map { .string($0) } ?? .null }),
        "search_path": .array(searchPath.map { .string($0) }),
      ]
    case .summary(let plans, let waited, let connections):
      let (seconds, attoseconds) = waited.components
      line = [
        "plans": .number(Double(plans)), "seconds": .number(Double(seconds) + Double(attoseconds) / 1e18),
        "connections": .number(Double(connections)),
      ]
    }
    failure.withLock { failure in
      guard failure == nil else { return }
      var rest = (line.bytes() + [0x0a])[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Self.writeOnce(descriptor, $0) }
        guard written > 0 else { return failure = String(cString: strerror(errno)) }
        rest = rest.dropFirst(written)
      }
    }
  }

  private static func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }
}
