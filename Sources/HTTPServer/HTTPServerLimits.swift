// Bounds of everything a client can make this room keep or wait for.

package struct HTTPServerLimits: Sendable {
  /// Bytes of one request's body; beyond it the answer is 413.
  package var body = 4 << 20
  /// Bytes of all bodies that are being read or handled; beyond it the answer is 503.
  package var allBodies = 256 << 20
  /// Bytes of the request line and the headers; beyond it the answer is 431, or 414 for the line alone. A connection
  /// costs a little more than this, for as long as it is open.
  package var headerBytes = 8 << 10
  /// Connections at a time; those beyond are answered 503 and closed.
  package var connections = 2_048
  /// Connections from one address at a time. Behind a proxy all clients have the proxy's.
  package var connectionsPerAddress = 2_048
  /// In whole seconds: a connection on which nothing comes, or a reader who takes nothing, for this long is closed. A
  /// handler that runs and a stream that is silent are not idle.
  package var idleTimeout = Duration.seconds(60)
  /// From the opening of a connection, or the end of the answer before, until a request is there whole, however steadily
  /// its bytes trickle in.
  package var requestTime = Duration.seconds(120)
  /// Threads that wait for sockets; handlers run elsewhere.
  package var threads = 2

  package init() {}
}

extension HTTPServerLimits {
  /// Connections the library may hold beyond ours, so that they get an answer and not just silence.
  static let surplus = 64
  /// How long one of those may take for its request.
  static let surplusTime = Duration.seconds(5)
  /// How much of a refused body is thrown away, so that the client has a chance to read why, and for how long.
  static let discarded = 16 << 20
  static let lingering = Duration.seconds(2)
  static let lingeringConnections = 256
  /// What the system may keep for a reader beyond what its network takes.
  static let unsent: Int32 = 128 << 10
  /// After the time for draining: to hand out what is answered already.
  static let lastWords = Duration.seconds(1)

  /// The request's headers stand in it as sent, then one record each, then the answer's headers or a chunk.
  var connectionMemory: Int { headerBytes + (5 << 10) }

  /// In whole seconds, as the library counts; 0 would be for ever.
  var idleSeconds: Int { max(1, Int(idleTimeout.components.seconds)) }
}
