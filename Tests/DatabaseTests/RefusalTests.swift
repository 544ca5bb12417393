// Refusals that no server at hand makes: too old, starting up, a pooler's, silence.

import Database
import Support
import Testing

@Suite struct RefusalTests {
  @Test(arguments: [
    ("57P03", "the database system is starting up", DatabaseError.Code.startingUp),
    ("57P03", "the database system is shutting down", .shuttingDown),
    ("53300", "sorry, too many clients already", .tooManyConnections),
    ("08P01", "unsupported startup parameter: options", .startupParameterRefused),
    ("08P01", "no such database: shop", .noSuchDatabase), ("08P01", "no such user", .noSuchRole),
    ("08P01", "SSL required", .tlsRequired),
    ("08P01", "no more connections allowed (max_client_conn)", .tooManyConnections),
    ("28P01", "Passwort-Authentifizierung für Benutzer »alice« fehlgeschlagen", .wrongPassword),
    ("XX000", "something: else 12345: happened", .connectionFailed),
  ])
  func eachHasItsCodeAndACure(state: String, message: String, code: DatabaseError.Code) async throws {
    let server = try FakeServer(answering: FakeServer.refusal(state, message))
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: server.url()))
    }
    #expect(error?.code == code)
    #expect(error?.sqlState == state)
    #expect(error?.message.contains(message) == true)
    #expect(error?.advice?.isEmpty == false)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test(arguments: [("12.22", "12"), ("9.6.24", "9.6")])
  func anOldServerIsRefused(version: String, named: String) async throws {
    let server = try FakeServer(answering: FakeServer.welcome(version: version))
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: server.url()))
    }
    #expect(error?.code == .serverTooOld)
    #expect(error?.message == "the server is PostgreSQL \(named), which is older than 13")
  }

  @Test func silenceEndsAtTheDeadline() async throws {
    let server = try FakeServer(answering: [])
    let began = ContinuousClock.now
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: server.url()), timeout: .milliseconds(300))
    }
    #expect(error?.code == .connectTimeout)
    #expect(ContinuousClock.now - began < .seconds(5))
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func theTargetsOwnTimeoutCounts() async throws {
    let server = try FakeServer(answering: [])
    let began = ContinuousClock.now
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: server.url() + "&connect_timeout=1"), timeout: .seconds(60))
    }
    #expect(error?.code == .connectTimeout)
    #expect(ContinuousClock.now - began < .seconds(20))
  }

  /// Connected, but then no answer to the first question.
  @Test func silenceAfterTheStartEndsAtTheDeadlineToo() async throws {
    let server = try FakeServer(answering: FakeServer.welcome(version: "15.1"))
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: server.url()), timeout: .milliseconds(300))
    }
    #expect(error?.code == .connectTimeout)
  }

  @Test func connectingCanBeCancelled() async throws {
    let server = try FakeServer(answering: [])
    let began = ContinuousClock.now
    let task = Task { try await Session.open(ConnectionTarget(url: server.url()), timeout: .seconds(30)) }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    let error = await #expect(throws: DatabaseError.self) { _ = try await task.value }
    #expect(error?.code == .cancelled)
    #expect(ContinuousClock.now - began < .seconds(10))
  }

  @Test func nobodyListens() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: "postgresql://alice:hunter2@/shop?host=/tmp/no-such-directory"))
    }
    #expect(error?.code == .unreachable)
    #expect(
      error?.message
        == "no server answers at socket /tmp/no-such-directory/.s.PGSQL.5432, role alice, database shop")
  }

  @Test func noSuchHost() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: "postgresql://alice:hunter2@no-such-host.invalid/shop"))
    }
    #expect(error?.code == .unreachable)
    #expect(error?.message == "the host of alice@no-such-host.invalid:5432/shop is not known")
  }
}
