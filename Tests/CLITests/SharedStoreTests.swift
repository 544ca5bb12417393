// Several servers over one store: what they count and keep together, and what goes when it is old.

import Foundation
import JSON
import Store
import Support
import Testing

@Suite(.needsServer) struct SharedStoreTests {
  private func withPlace<R>(_ body: (URL) async throws -> R) async throws -> R {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("shared-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    return try await body(place)
  }

  private func configuration(_ place: URL, _ url: String, _ server: String, _ policy: String) throws -> String {
    let path = place.appendingPathComponent("pgadvisor.yaml").path
    let text = """
      connections: [{name: shop, url: "\(url)"}]
      agents: [{id: bot}]
      iam: [{connection: shop, permissions: [read], members: ["agent:bot"]}]
      policy: {\(policy)}
      server: {\(server)}
      """
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func records(_ store: String) throws -> [JSONValue] {
    try runCommand([builtProgram, "audit", "export", "--store", store], environment: [:]).text
      .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }

  @Test func aQuotaHoldsForAllServersTogether() async throws {
    try await withPlace { place in
      try await withDatabase { url in
        let path = try configuration(place, url, "store: \"\(url)\"", "max_queries_per_hour: 9")
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<3 {
            group.addTask {
              let served = try ServedProcess(["--config", path])
              try await served.shakeHands()
              for _ in 0..<8 { _ = try await served.call("query", #"{"sql":"SELECT 1"}"#) }
              #expect(try await served.end() == 0)
            }
          }
          try await group.waitForAll()
        }
        let calls = try records(url).filter { $0["tool"] == "query" }
        #expect(calls.count == 24 && calls.count { $0["outcome"] == "success" } == 9)
        #expect(
          calls.count { $0["reason"]?.string?.contains("max_queries_per_hour is reached") == true } == 15)
        #expect(Set(calls.map { $0["configuration"]?.string?.count }) == [64])
        let verified = try runCommand([builtProgram, "audit", "verify", "--store", url], environment: [:])
        #expect(verified.status == 0, "\(verified.text)")
      }
    }
  }

  /// The answer's rows have the digest that the record says.
  @Test func aRecordHasTheDigestOfTheAnswer() async throws {
    try await withPlace { place in
      try await withDatabase { url in
        let store = place.appendingPathComponent("audit.db").path
        let path = try configuration(place, url, "store: \"\(store)\"", "max_rows_per_query: 500")
        let served = try ServedProcess(["--config", path])
        try await served.shakeHands()
        _ = try await served.call("query", #"{"sql":"SELECT 1, 'é'"}"#)
        _ = try await served.call("query", #"{"sql":"SELECT 1 WHERE false"}"#)
        _ = try await served.call("query", #"{"sql":"SELECT nothing"}"#)
        #expect(try await served.end() == 0)
        let digests = try records(store).filter { $0["tool"] == "query" }.map { $0["result"]?.string }
        for (text, digest) in zip([#"[[1,"é"]]"#, "[]"], digests) {
          let file = place.appendingPathComponent("rows")
          try Data(text.utf8).write(to: file)
          let sum = try runCommand(["openssl", "dgst", "-sha256", "-r", file.path], environment: [:]).text
          #expect(digest.map { sum.hasPrefix($0) && $0.count == 64 } == true, "\(text)")
        }
        #expect(digests.count == 3 && digests[2] == nil)
      }
    }
  }

  @Test func whatIsOldIsRetiredWithARecord() async throws {
    try await withPlace { place in
      try await withDatabase { url in
        let store = place.appendingPathComponent("audit.db").path
        let old = try SQLiteStore(at: store, key: nil, mayCreate: true)
        for day in 1...3 {
          _ = try await old.append([Array(#"{"time":"2020-01-0\#(day)T00:00:00.000000Z","tool":"query"}"#.utf8)])
        }
        let path = try configuration(
          place, url, "store: \"\(store)\", audit_retention_days: 400", "max_rows_per_query: 500")
        let served = try ServedProcess(["--config", path])
        try await served.shakeHands()
        let retired = try await served.waited("a retirement") {
          try records(store).first { $0["event"] == "retired" }
        }
        #expect(retired["through"]?.string?.hasPrefix("3:") == true)
        #expect(try await served.end() == 0)
        #expect(try records(store).map { $0["event"]?.string } == ["started", "retired", "ended"])
        let verified = try runCommand([builtProgram, "audit", "verify", "--store", store], environment: [:])
        #expect(verified.status == 0 && verified.text.contains("up to 3 were retired"), "\(verified.text)")
      }
    }
  }
}
