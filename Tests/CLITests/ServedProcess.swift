// A `pgadvisor serve` that goes on while the test talks to it.

import Foundation
import JSON
import Support
import Synchronization

/// The program that this test run was built with; it stands beside the tests.
let builtProgram: String = {
  let beside = CommandLine.arguments.first.map { path in
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
  }
  let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
  return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "pgadvisor"
}()

/// One process with its three streams.
final class ServedProcess: Sendable {
  private let process: Process
  private let input = Pipe()
  private let said = Mutex<[UInt8]>([])
  private let complained = Mutex<[UInt8]>([])
  private let lastID = Atomic<Int>(1)

  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: builtProgram)
    process.arguments = ["serve"] + arguments
    let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
    process.environment = inherited.merging(environment) { _, mine in mine }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    self.process = process
    output.fileHandleForReading.readabilityHandler = { [self] handle in
      let bytes = handle.availableData
      said.withLock { $0 += bytes }
    }
    errors.fileHandleForReading.readabilityHandler = { [self] handle in
      let bytes = handle.availableData
      complained.withLock { $0 += bytes }
    }
    try process.run()
  }

  var messages: [JSONValue] {
    said.withLock { $0 }.split(separator: 0x0a).compactMap { try? JSONValue(parsing: Array($0)) }
  }

  var complaints: String { String(decoding: complained.withLock { $0 }, as: UTF8.self) }

  func say(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

  /// Asks, and waits for the answer.
  func ask(_ method: String, _ parameters: String = "{}") async throws -> JSONValue {
    let id = lastID.add(1, ordering: .relaxed).newValue
    say(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(parameters)}"#)
    return try await waited("an answer to \(method)") { messages.first { $0["id"]?.integer == Int64(id) } }
  }

  func shakeHands() async throws {
    _ = try await ask(
      "initialize", #"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}"#)
    say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
  }

  func tools() async throws -> Set<String> {
    Set((try await ask("tools/list")["result"]?["tools"]?.array ?? []).compactMap { $0["name"]?.string })
  }

  func call(_ tool: String, _ arguments: String) async throws -> JSONValue {
    try await ask("tools/call", #"{"name":"\#(tool)","arguments":\#(arguments)}"#)
  }

  func terminate() { Foundation.kill(process.processIdentifier, SIGTERM) }

  /// At once, and waits until it is gone.
  func kill() async throws {
    Foundation.kill(process.processIdentifier, SIGKILL)
    _ = try await exit()
    // What it said before may still be on its way here.
    try await Task.sleep(for: .milliseconds(5))
  }

  func hangUp() { Foundation.kill(process.processIdentifier, SIGHUP) }

  func waited<Found>(_ what: String, _ look: () throws -> Found?) async throws -> Found {
    for _ in 0..<600 {
      if let found = try look() { return found }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw CommandFailure(description: "\(what) did not come; standard error: \(complaints)")
  }

  /// Closes its input and waits.
  func end() async throws -> Int32 {
    try input.fileHandleForWriting.close()
    return try await exit()
  }

  /// Waits until it ends by itself.
  func exit() async throws -> Int32 {
    let process = process
    return try await onOwnThread {
      process.waitUntilExit()
      return process.terminationStatus
    }
  }
}
