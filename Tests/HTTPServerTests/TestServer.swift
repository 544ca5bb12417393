// Servers for tests, and what their handlers saw.

import HTTPServer
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What happened, in order, from any thread.
final class Record<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  var all: [Value] { values.withLock { $0 } }
  var count: Int { values.withLock { $0.count } }

  func add(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Waits until it is opened, whoever comes.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  var isOpen: Bool { state.withLock { $0.isOpen } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for one in waiting { one.resume() }
  }

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

func text(_ text: String, status: Int = 200) -> Answer {
  .whole(Response(status: status, headers: [Header("Content-Type", "text/plain")], body: Array(text.utf8)))
}

/// On a free port of the loopback.
func startServer(
  tls: TLSIdentity? = nil, admit: @escaping Admit = { _ in nil }, _ change: (inout HTTPServerLimits) -> Void = { _ in },
  handler: @escaping Handler
) throws -> HTTPServer {
  var limits = HTTPServerLimits()
  change(&limits)
  return try HTTPServer.start(host: "127.0.0.1", port: 0, tls: tls, limits: limits, admit: admit, handler: handler)
}

/// A request as the handler saw it, in a few lines.
func echo(_ request: Request) async -> Answer {
  let headers = request.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
  return text(
    "\(request.method) \(request.path) ?\(request.query) \(headers) \(String(decoding: request.body, as: UTF8.self))")
}

/// How many this process has; nil where the system does not say.
func openDescriptors() -> Int? {
  guard let directory = opendir("/proc/self/fd") else { return nil }
  defer { closedir(directory) }
  var count = 0
  while readdir(directory) != nil { count += 1 }
  return count
}
