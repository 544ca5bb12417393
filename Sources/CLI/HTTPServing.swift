// Serves the protocol over HTTP until the process is told to end.

import HTTPServer
import MCPServer
import Terminal

/// Where to listen, and what with.
struct HTTPSettings: Sendable {
  let address: HTTPAddress
  var tls: TLSIdentity?
  var rules = HTTPRules()
  var limits = HTTPServerLimits()
  var transport = HTTPTransportLimits()
  /// How long calls may go on after the signal to end.
  var drain = Duration.seconds(10)

  init(_ address: HTTPAddress) { self.address = address }

  /// - Throws: where the certificate or its key cannot be used.
  init(_ address: HTTPAddress, _ settings: ServeSettings) throws(Refusal) {
    self.address = address
    rules = settings.rules
    limits.body = settings.limits.body
    limits.connections = settings.limits.connections
    limits.connectionsPerAddress = settings.limits.connections
    drain = settings.limits.drain
    guard let files = settings.tls else { return }
    let (certificate, key) = (try Self.read(files.certificate), try Self.read(files.key))
    do throws(HTTPServerError) { tls = try TLSIdentity(certificate: certificate, key: key) } catch {
      throw Refusal(message: "TLS: \(error.message)", exitCode: .failure)
    }
  }

  private static func read(_ path: String) throws(Refusal) -> [UInt8] {
    do throws(SmallFile.Failure) { return try SmallFile(at: path, limit: 1 << 20).bytes } catch {
      throw Refusal(message: "cannot read \(path): \(error.reason)", exitCode: .failure)
    }
  }
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
      host: settings.address.host, port: settings.address.port, tls: settings.tls, limits: settings.limits,
      admit: { transport.admit($0) }, handler: { await transport.answer($0) })
    running.begin(http)
    var address = settings.address
    address.port = http.port
    listening("\(settings.tls == nil ? "http" : "https")://\(address)")
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
