// The protocol over HTTP: Streamable HTTP at /mcp in both eras, the HTTP+SSE pair of 2024-11-05, and what operators ask.

package import Governance
package import HTTPServer
internal import JSON

/// Who may call, and what operators want to know, as `HTTPTransport` sees the rest of the process.
package struct HTTPSurroundings: Sendable {
  /// The caller of a token; without one (nil), the caller that needs none. Nil: nobody.
  package var caller: @Sendable (_ token: String?) -> Caller?
  /// Whether databases can be reached.
  package var isReady: @Sendable () async -> Bool
  /// Prometheus' text format.
  package var metrics: @Sendable () async -> String

  package init(
    caller: @escaping @Sendable (_ token: String?) -> Caller?, isReady: @escaping @Sendable () async -> Bool,
    metrics: @escaping @Sendable () async -> String
  ) {
    self.caller = caller
    self.isReady = isReady
    self.metrics = metrics
  }
}

/// Bounds of this transport.
package struct HTTPTransportLimits: Sendable {
  /// How long an answer may take before it becomes a stream, and how long a stream is silent between comments.
  package var silence = Duration.seconds(15)
  /// Frames of one stream and bytes of all that are kept for clients who come back.
  package var keptFrames = 256
  package var keptBytes = 32 * 1_024 * 1_024
  /// How long a legacy client that went away may take to come back for its announcements.
  package var absence = Duration.seconds(60)

  package init() {}
}

/// Answers HTTP requests. `admit` and `answer` are what `HTTPServer` is started with.
package struct HTTPTransport: Sendable {
  let server: Server
  let rules: HTTPRules
  let surroundings: HTTPSurroundings
  let limits: HTTPTransportLimits
  let pulse: Pulse
  let budget: EventBudget
  /// The conversations of the HTTP+SSE pair.
  let pairs: Sessions

  package init(
    server: Server, rules: HTTPRules, surroundings: HTTPSurroundings,
    limits: HTTPTransportLimits = HTTPTransportLimits()
  ) {
    self.server = server
    self.rules = rules
    self.surroundings = surroundings
    self.limits = limits
    pulse = Pulse(step: min(.milliseconds(500), limits.silence / 2))
    budget = EventBudget(limit: limits.keptBytes)
    pairs = Sessions(limit: server.limits.sessions, idle: server.limits.sessionIdle)
    let (sessions, pairs, absence) = (server.sessions, pairs, limits.absence)
    _ = pulse.add(every: absence) {
      Task {
        await sessions.expire(absence: absence)
        await pairs.expire(absence: absence)
      }
    }
  }

  /// Ends what the transport holds open, before the HTTP server drains.
  package func close() async {
    await server.close()
    await pairs.close()
  }

  static let mcp = "/mcp"
  static let pair = "/sse"
  static let pairMessages = "/messages"

  /// Refuses what needs no body to be refused, in the order of the official SDKs.
  package func admit(_ request: Request) -> Response? {
    switch Self.route(request.path) {
    case Self.mcp: return admitted(request) ?? refusalOfMethod(request, ["POST", "GET", "DELETE"])
    case Self.pair: return admitted(request) ?? refusalOfMethod(request, ["GET"])
    case Self.pairMessages: return admitted(request) ?? refusalOfMethod(request, ["POST"])
    case "/health", "/ready", "/metrics":
      guard rules.allowsOrigin(request.values(of: "Origin")) else { return Self.strangeOrigin }
      return request.method == "HEAD" ? nil : refusalOfMethod(request, ["GET"])
    default: return .text("Not found. The protocol is at \(Self.mcp).\n", status: 404)
    }
  }

  /// Without the slash at its end.
  private static func route(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private static let strangeOrigin = Response.text("Invalid Origin header", status: 403)

  private func admitted(_ request: Request) -> Response? {
    if request.method == "OPTIONS", let answer = preflight(request) { return answer }
    guard caller(of: request) != nil else { return challenge(request) }
    guard rules.allowsHost(request.values(of: "Host")) else { return .text("Invalid Host header", status: 421) }
    guard rules.allowsOrigin(request.values(of: "Origin")) else { return Self.strangeOrigin }
    guard request.method == "POST" else { return nil }
    guard request.hasJSONBody else { return .text("Invalid Content-Type header", status: 400) }
    let acceptance = Acceptance(request.values(of: "Accept"))
    guard acceptance.takesJSON || acceptance.takesEvents else {
      return .text("Not acceptable: the answer is application/json or text/event-stream", status: 406)
    }
    return nil
  }

  private func refusalOfMethod(_ request: Request, _ methods: [String]) -> Response? {
    if request.method == "OPTIONS" { return .empty(204, [Header("Allow", methods.joined(separator: ", "))]) }
    guard !methods.contains(request.method) else { return nil }
    return .text("Method not allowed\n", status: 405, [Header("Allow", methods.joined(separator: ", "))])
  }

  /// For pages that are allowed to call: browsers ask first.
  private func preflight(_ request: Request) -> Response? {
    let origins = request.values(of: "Origin")
    guard let origin = origins.first, rules.allowsOrigin(origins) else { return nil }
    return .empty(
      204,
      [
        Header("Access-Control-Allow-Origin", origin), Header("Vary", "Origin"),
        Header("Access-Control-Allow-Methods", "GET, POST, DELETE"),
        Header(
          "Access-Control-Allow-Headers",
          "Accept, Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, Mcp-Name,"
            + " Mcp-Session-Id, traceparent"),
        Header("Access-Control-Max-Age", "600"),
      ])
  }

  func caller(of request: Request) -> Caller? {
    switch request.bearerToken {
    case nil: surroundings.caller(nil)
    case .some(nil): nil
    case .some(let token?): surroundings.caller(token)
    }
  }

  /// RFC 6750: nothing is said about a token that was not there.
  private func challenge(_ request: Request) -> Response {
    let isMissing = request.values(of: "Authorization").isEmpty
    let words = isMissing ? "Authentication required" : "The token is not valid"
    let challenge =
      isMissing
      ? #"Bearer realm="pgadvisor""#
      : #"Bearer realm="pgadvisor", error="invalid_token", error_description="\#(words)""#
    let body: JSONObject = ["error": "invalid_token", "error_description": .string(words)]
    return .json(JSONValue.object(body).bytes(), status: 401, [Header("WWW-Authenticate", challenge)])
  }

  /// To be called with requests that `admit` let through.
  package func answer(_ request: Request) async -> Answer {
    // The caller once more, since a reload may have come between.
    let answer: Answer
    switch Self.route(request.path) {
    case "/health": answer = .json(Array(#"{"status":"ok"}"#.utf8))
    case "/ready":
      let isReady = await surroundings.isReady()
      answer = .json(
        Array((isReady ? #"{"status":"ready"}"# : #"{"status":"not ready"}"#).utf8), status: isReady ? 200 : 503)
    case "/metrics":
      answer = .whole(.text(await surroundings.metrics(), type: "text/plain; version=0.0.4; charset=utf-8"))
    default:
      guard let caller = caller(of: request) else { return .whole(challenge(request)) }
      switch (Self.route(request.path), request.method) {
      case (Self.mcp, "POST"): answer = await post(request, from: caller)
      case (Self.mcp, "GET"): answer = await get(request, from: caller)
      case (Self.mcp, "DELETE"): answer = await delete(request, from: caller)
      case (Self.pair, "GET"): answer = await openPair(request, from: caller)
      case (Self.pairMessages, "POST"): answer = await postToPair(request, from: caller)
      default: answer = .empty(404)
      }
    }
    return shared(answer, with: request)
  }

  /// An allowed page may read the answer.
  private func shared(_ answer: Answer, with request: Request) -> Answer {
    guard let origin = request.values(of: "Origin").first else { return answer }
    let more = [
      Header("Access-Control-Allow-Origin", origin), Header("Vary", "Origin"),
      Header("Access-Control-Expose-Headers", "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate"),
    ]
    switch answer {
    case .whole(var response):
      response.headers += more
      return .whole(response)
    case .streamed(let status, let headers, let pieces):
      return .streamed(status: status, headers: headers + more, pieces: pieces)
    }
  }
}
