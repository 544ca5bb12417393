// `pgadvisor health --watch` as a person sees it: on a terminal, in a pipe, ended by Ctrl-C, and while somebody is blocked.

import Database
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct HealthWatchArgumentTests {
  @Test(arguments: [
    (["--interval", "2s"], "--interval means something with --watch only"),
    (["--watch", "--json"], "contradict each other"), (["--watch", "--only", "locks"], "contradict each other"),
    (["--watch", "--interval", "1ms"], "100ms to 1h"), (["--watch", "--frames", "0"], "from 1"),
  ])
  func whatIsWrongIsSaid(arguments: [String], part: String) throws {
    let result = try runCommand([builtProgram, "health"] + arguments)
    #expect(result.status == 64)
    #expect(result.text.contains(part), "\(result.text)")
  }

  @Test func whoCannotConnectGetsOneLine() throws {
    let result = try runCommand([builtProgram, "health", "--watch", "postgresql://127.0.0.1:1/x"])
    #expect(result.status == 2)
    #expect(result.text.split(separator: "\n").count == 1 && !result.text.contains("\u{1b}"))
  }
}

@Suite(.needsServer) struct HealthWatchTests {
  /// Runs a line of shell on a terminal of its own, 80 columns wide and 24 lines high.
  private func onTerminal(_ line: String) throws -> CommandOutput {
    try runCommand(["script", "-qec", "stty rows 24 cols 80; \(line)", "/dev/null"])
  }

  private static var hasTerminals: Bool { executable(named: "script") != nil && executable(named: "stty") != nil }

  @Test func inAPipeFramesFollowEachOther() throws {
    let url = try ScratchCluster.shared().url()
    let result = try runCommand([builtProgram, "health", url, "--watch", "--frames", "3", "--interval", "100ms"])
    #expect(result.status == 0)
    #expect(result.text.split(separator: "\n").filter { $0 == "Connections" }.count == 3)
    #expect(result.text.contains("nobody waits") && result.text.contains("Running longest"))
    #expect(!result.text.contains("\u{1b}"))
  }

  @Test(.enabled(if: hasTerminals)) func onATerminalItIsDrawnInPlaceAndLeavesNothing() throws {
    let url = try ScratchCluster.shared().url()
    let result = try onTerminal("exec '\(builtProgram)' health '\(url)' --watch --frames 3 --interval 100ms")
    #expect(result.status == 0)
    let text = result.text
    #expect(text.hasPrefix("\u{1b}[?1049h\u{1b}[?25l"))
    #expect(text.hasSuffix("\u{1b}[?25h\u{1b}[?1049l"))
    let frames = text.replacing("\u{1b}[?25h\u{1b}[?1049l", with: "").split(separator: "\u{1b}[H").dropFirst()
    #expect(frames.count == 3)
    for frame in frames {
      let lines = frame.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 23)
      for line in lines { #expect(plain(String(line)).count <= 80, "\(line)") }
    }
  }

  /// Without colours and what clears a line.
  private func plain(_ line: String) -> String {
    var text = ""
    var isControl = false
    for character in line {
      if character == "\u{1b}" { isControl = true } else if !isControl { text.append(character) }
      if isControl && character.isLetter { isControl = false }
    }
    return text
  }

  @Test(.enabled(if: hasTerminals && executable(named: "timeout") != nil), arguments: ["INT", "TERM"])
  func aSignalLeavesTheScreenAsItWas(signal: String) throws {
    let url = try ScratchCluster.shared().url()
    let result = try onTerminal(
      "timeout --preserve-status --foreground -s \(signal) 2 '\(builtProgram)' health '\(url)' --watch --interval 300ms"
    )
    #expect(result.status == 130)
    #expect(result.text.hasSuffix("\u{1b}[?25h\u{1b}[?1049l"), "\(result.text.suffix(200))")
    #expect(result.text.split(separator: "\u{1b}[H").count > 2)
  }

  @Test func whoBlocksWhomIsShown() async throws {
    try await withDatabase(schema: "CREATE TABLE orders (a int); INSERT INTO orders VALUES (1)") { url in
      let target = ConnectionTarget(url: url)
      let (root, waiter) = (try await Session.open(target), try await Session.open(target))
      try await root.execute("BEGIN")
      try await root.execute("UPDATE orders SET a = 2")
      let blocked = Task { try await waiter.execute("ALTER TABLE orders ADD b int") }
      var text = ""
      for _ in 0..<50 where !text.contains("holds up") {
        text = try await onOwnThread {
          try runCommand([builtProgram, "health", url, "--watch", "--frames", "1"]).text
        }
      }
      #expect(text.contains("idle in transaction, open for"))
      #expect(text.contains("> SELECT pg_terminate_backend("))
      #expect(
        text.contains("for AccessExclusive lock on public.orders: ") && text.contains("ALTER"), "\(text)")
      try await root.execute("COMMIT")
      try await blocked.value
      await root.close()
      await waiter.close()
    }
  }

  /// Whoever may not see the others' states is told so, and sees the rest.
  @Test func withoutPrivilegesWhatIsHiddenIsSaid() async throws {
    try await withDatabase { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let role = "watcher_\(UInt32.random(in: 0 ... .max))"
      let cluster = try ScratchCluster.shared()
      let other = try await Session.open(ConnectionTarget(url: url))
      let text = try await onOwnThread {
        try cluster.run("CREATE ROLE \(role) LOGIN")
        defer { _ = try? cluster.run("DROP ROLE \(role)") }
        let result = try runCommand([
          builtProgram, "health", cluster.url(database: database, role: role), "--watch", "--frames", "1",
        ])
        #expect(result.status == 0)
        return result.text
      }
      await other.close()
      #expect(text.contains("not visible: GRANT pg_monitor TO \(role)"), "\(text)")
    }
  }
}
