// The audit's chain from outside: what serve keeps, how it is read, and what survives kill -9.

import Foundation
import JSON
import Support
import Testing

@Suite struct AuditCommandTests {
  /// A directory that is gone afterwards.
  private func withPlace<R>(_ body: (URL) async throws -> R) async throws -> R {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    return try await body(place)
  }

  private func audit(_ arguments: String...) throws -> (status: Int32, text: String) {
    let output = try runCommand([builtProgram, "audit"] + arguments, environment: [:])
    return (output.status, output.text)
  }

  @Test(.needsServer) func callsAreKeptInAChain() async throws {
    try await withPlace { place in
      let (store, key) = (place.appendingPathComponent("audit.db").path, place.appendingPathComponent("key").path)
      #expect(
        FileManager.default.createFile(
          atPath: key, contents: Data(repeating: 7, count: 64), attributes: [.posixPermissions: 0o600]))
      try await withDatabase(schema: "CREATE TABLE public.t (id integer); INSERT INTO public.t VALUES (1)") { url in
        let served = try ServedProcess([url, "--agent", "tester", "--store", store, "--store-key", key])
        try await served.shakeHands()
        _ = try await served.call("query", #"{"sql":"SELECT id FROM t"}"#)
        _ = try await served.call("query", #"{"sql":"DELETE FROM t"}"#)
        _ = try await served.call("query", #"{"sql":"=1+1\u001b[31m\u200b"}"#)
        #expect(try await served.end() == 0)
      }
      let lines = try audit("export", "--store", store).text.split(separator: "\n").map {
        try JSONValue(parsing: String($0))
      }
      #expect(
        lines.map { $0["event"]?.string ?? $0["outcome"]?.string ?? "" } == [
          "started", "success", "refused", "refused", "ended",
        ])
      #expect(lines.map { $0["number"]?.integer } == [1, 2, 3, 4, 5])
      #expect(lines[2]["agent"] == "tester" && lines[2]["sql"] == "DELETE FROM t")
      let whole = try audit("verify", "--store", store, "--store-key", key)
      #expect(whole.status == 0 && whole.text.contains("The chain is whole. 5 records (1 to 5)"))
      let head = try audit("head", "--store", store).text.split(separator: "\n").first.map(String.init) ?? ""
      #expect(head.hasPrefix("5:"))
      // Without the key it is another chain.
      #expect(try audit("verify", "--store", store).status == 1)
      let refused = try audit("search", "--store", store, "--outcome", "refused", "--json")
      #expect(refused.text.split(separator: "\n").count == 2 && refused.text.contains("DELETE FROM t"))
      #expect(
        try audit("search", "--store", store, "--contains", "delete from", "--until", "2026-01-01").text.contains(
          "no record"))
      let table = try audit("tail", "--store", store, "--lines", "2")
      #expect(table.text.contains("tester") && table.text.contains("ended") && !table.text.contains("started"))
      let csv = try audit("export", "--store", store, "--format", "csv").text
      #expect(csv.hasPrefix("number,time,event,") && csv.contains(",refused,"))
      #expect(csv.contains(#",'=1+1\u{1b}[31m\u{200b},"#) && !csv.contains("\u{1b}"), "\(csv)")
      #expect(
        try runCommand(["sqlite3", store, "DELETE FROM audit_record WHERE number = 3"], environment: [:]).status == 0)
      let broken = try audit("verify", "--store", store, "--store-key", key, "--json")
      #expect(broken.status == 1)
      #expect(
        try audit("retire", "--store", store, "--store-key", key, "--before", "9999-01-01").text.contains("is broken"))
      #expect(try JSONValue(parsing: broken.text)["faults"]?[0]?["words"] == "record 3 is missing")
    }
  }

  @Test func whatCannotBeIsRefused() async throws {
    try await withPlace { place in
      let store = place.appendingPathComponent("none.db").path
      for (arguments, status, words) in [
        (["verify"], 64, "which store?"), (["verfy", "--store", store], 64, "did you mean verify?"),
        (["verify", "--store", store], 2, "cannot open the store"),
        (["tail", "--store", store, "--head", "1:ab"], 64, "does not take --head"),
        (["search", "--store", store, "--since", "yesterday"], 64, "takes a time in UTC"),
        (["tail", "--store", store, "--format", "csv"], 64, "only audit export writes CSV"),
        (["retire", "--store", store], 64, "Say --before TIME"),
        (["retire", "--store", store, "--before", "tomorrow"], 64, "takes a time in UTC"),
      ] as [([String], Int32, String)] {
        let output = try runCommand([builtProgram, "audit"] + arguments, environment: [:])
        #expect(output.status == status && output.text.contains(words), "\(arguments): \(output.text)")
        #expect(!FileManager.default.fileExists(atPath: store))
      }
    }
  }

  /// kill -9 at any moment: what was answered is in the chain, and the chain is whole.
  @Test func whatWasAnsweredSurvivesKilling() async throws {
    try await withPlace { place in try await survivesKilling(place.appendingPathComponent("audit.db").path) }
  }

  @Test(.needsServer) func whatWasAnsweredSurvivesKillingOverPostgreSQL() async throws {
    try await withDatabase(schema: "", hasExtensions: false) { url in try await survivesKilling(url) }
  }

  private func survivesKilling(_ store: String) async throws {
    let kills = variable("PGADVISOR_KILLS").flatMap { Int($0) } ?? 40
    let seed = variable("PGADVISOR_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var answered = 0
    for _ in 0..<kills {
      let served = try ServedProcess(["--store", store])
      try await served.shakeHands()
      for id in 100..<140 {
        served.say(
          #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"list_connections","arguments":{}}}"#)
      }
      try await Task.sleep(for: .microseconds(Int.random(in: 0...60_000, using: &random)))
      try await served.kill()
      answered += served.messages.count { ($0["id"]?.integer ?? 0) >= 100 }
    }
    let found = try JSONValue(parsing: try audit("verify", "--store", store, "--json").text)
    #expect(found["is_whole"] == true, "seed \(seed)")
    let kept = try audit("export", "--store", store).text.split(separator: "\n").count {
      $0.contains(#""tool":"list_connections""#)
    }
    #expect(kept >= answered && kept <= kills * 40, "seed \(seed): \(kept) kept, \(answered) answered")
    #expect(answered > 0)
    print("\(kills) killed, \(answered) answers read, \(kept) records kept")
  }
}
