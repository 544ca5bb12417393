// The live catalog that `judge --connection` resolves names in.

import Database
import Governance
import Terminal

/// One session, one transaction, one snapshot for a whole run: what was looked up once stays true.
struct JudgeServer {
  let target: ConnectionTarget
  let setup: JudgeSetup?

  /// The input may pause, for instance while somebody types.
  private static let limits = ReadOnlyLimits(idleTimeout: .seconds(3_600))

  func judge(_ body: (any NameSource) async throws(Refusal) -> ExitCode) async throws(Refusal) -> ExitCode {
    for warning in setup?.warnings ?? [] { warn(warning) }
    let session: Session
    do throws(DatabaseError) { session = try await Session.open(target) } catch { throw Self.refusal(error) }
    let outcome: Result<ExitCode, Refusal>
    do {
      let places = setup?.places ?? []
      outcome = .success(
        try await session.snapshot(
          after: setup?.statements ?? [], Self.limits,
          onFailure: { place, error in warn("\(places[place]): \(error.description)") },
          { (session) throws(Refusal) in try await body(LiveNames(on: session)) }))
    } catch let error as DatabaseError {
      outcome = .failure(Self.refusal(error))
    } catch let refusal as Refusal {
      outcome = .failure(refusal)
    } catch {
      outcome = .failure(Refusal(message: "could not judge", exitCode: .failure))
    }
    await session.close()
    return try outcome.get()
  }

  private func warn(_ text: String) { StandardStreams.writeError("pgadvisor: warning: \(escaped(text))\n") }

  private static func refusal(_ error: DatabaseError) -> Refusal {
    Refusal(message: error.description, exitCode: .failure)
  }
}
