// Serves the protocol over HTTP until the process is told to end.

import HTTPServer
import MCPServer
import Terminal

/// Where to listen, and what with.
struct HTTPSettings: Sendable {
  /// `127.0.0.1`, `::1`, `localhost`, `0.0.0.0`.
  var host = "127.0.0.1"
  /// 0 takes a free one.
  var port: UInt16 = 0
  var tls: TLSIdentity?
  var rules = HTTPRules()
  var limits = HTTPServerLimits()
  var transport = HTTPTransportLimits()
  /// How long calls may go on after the signal to end.
  var drain = Duration.seconds(10)

  /// `HOST:PORT`, `[::1]:PORT`, `:PORT` or `PORT`; nil for anything else.
  init?(address: String) {
    let (host, port): (Substring, Substring)
    if address.hasPrefix("[") {
      guard let end = address.firstIndex(of: "]"), address[address.index(after: end)...].hasPrefix(":") else {
        return nil
      }
      host = address[address.index(after: address.startIndex)..<end]
      port = address[address.index(end, offsetBy: 2)...]
    } else if let colon = address.lastIndex(of: ":") {
      (host, port) = (address[..<colon], address[address.index(after: colon)...])
      if host.contains(":") { return nil }
    } else {
      (host, port) = ("", address[...])
    }
    guard let number = UInt16(port), port.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    if !host.isEmpty { self.host = String(host) }
    self.port = number
  }

  /// Only programs of this machine can reach it.
  var isLocal: Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }
}

/// One HTTP server with the protocol behind it.
struct HTTPServing: Sendable {
  let settings: HTTPSettings
  let server: Server
  let surroundings: HTTPSurroundings
  let metrics: CallMetrics

  /// Returns when the task is cancelled and what ran has ended, or the time for that is over.
  /// - Parameter listening: told the address when it is open.
  func run(listening: (String) -> Void) async throws(HTTPServerError) {
    let running = Running()
    var surroundings = surroundings
    let (outer, metrics, server) = (surroundings, metrics, server)
    surroundings.isReady = {
      guard !running.isEnding else { return false }
      return await outer.isReady()
    }
    surroundings.metrics = {
      metrics.text(await running.gauges(server)) + (await outer.metrics())
    }
    let transport = HTTPTransport(
      server: server, rules: settings.rules, surroundings: surroundings, limits: settings.transport)
    let http = try HTTPServer.start(
      host: settings.host, port: settings.port, tls: settings.tls, limits: settings.limits,
      admit: { transport.admit($0) }, handler: { await transport.answer($0) })
    running.begin(http)
    let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
    listening("\(settings.tls == nil ? "http" : "https")://\(host):\(http.port)")
    await running.wait()
    // Not in this task, which is cancelled: the last answers still have to go out.
    let drain = settings.drain
    await Task {
      running.end()
      await transport.close()
      await http.drain(within: drain)
    }.value
  }
}
